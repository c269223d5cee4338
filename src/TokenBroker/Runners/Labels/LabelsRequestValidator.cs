using FluentValidation;

namespace TokenBroker.Runners.Labels;

internal sealed class LabelsRequestValidator : AbstractValidator<LabelsRequest>
{
    public LabelsRequestValidator()
    {
        RuleFor(request => request.IsObject).Equal(true).OtherwiseNoObject(request => request.HasByteOrderMark);
        RuleFor(request => request.Labels.IsGiven).Equal(true).OtherwiseMissing(LabelsRequest.Field, "is required.")
            .When(request => request.IsObject);
        RuleFor(request => request.Labels.Value)
            .Must((request, labels) => LabelNames.AreValid(labels) && (request.MayBeEmpty || labels!.Count > 0))
            .OtherwiseInBody(LabelsRequest.Field, $"must be 1 to {LabelNames.Most} texts of 1 to {LabelNames.Longest} characters, {LabelNames.Characters}.")
            .When(request => request.Labels.IsGiven);
    }
}
