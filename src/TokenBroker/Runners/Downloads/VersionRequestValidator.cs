using FluentValidation;

namespace TokenBroker.Runners.Downloads;

internal sealed class VersionRequestValidator : AbstractValidator<VersionRequest>
{
    public VersionRequestValidator() =>
        RuleFor(request => request.IsValid)
            .Equal(true)
            .Otherwise(VersionRequest.Parameter, $"must be digits and dots, such as 2.329.0, of at most {VersionRequest.Longest} characters.");
}
