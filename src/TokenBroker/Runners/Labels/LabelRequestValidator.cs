using FluentValidation;

namespace TokenBroker.Runners.Labels;

internal sealed class LabelRequestValidator : AbstractValidator<LabelRequest>
{
    public LabelRequestValidator() =>
        RuleFor(request => request.Name)
            .Must(LabelNames.IsValid)
            .Otherwise(LabelRequest.Parameter, $"must be a label of 1 to {LabelNames.Longest} characters, {LabelNames.Characters}.");
}
