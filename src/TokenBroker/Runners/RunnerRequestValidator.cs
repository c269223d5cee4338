using FluentValidation;

namespace TokenBroker.Runners;

internal sealed class RunnerRequestValidator : AbstractValidator<RunnerRequest>
{
    public RunnerRequestValidator() =>
        RuleFor(request => request.IsValid).Equal(true).Otherwise(RunnerRequest.Parameter, "must be a positive 64-bit integer.");
}
