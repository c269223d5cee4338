using FluentValidation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>Refuses names that GitHub could never accept, before anything is asked of anyone.</summary>
internal sealed class ScopeRequestValidator : AbstractValidator<ScopeRequest>
{
    public ScopeRequestValidator()
    {
        RuleFor(request => request.Owner)
            .Must(ScopeNames.IsAccount)
            .WithErrorCode(FieldRules.Invalid)
            .WithMessage("must be 1 to 100 letters, digits, hyphens or underscores.")
            .WithState(request => new RequestField(request.Form.OwnerParameter));
        RuleFor(request => request.Repository)
            .Must(ScopeNames.IsRepository)
            .When(request => request.Form.Kind == ScopeKind.Repository)
            .Otherwise(ScopeForm.RepositoryParameter, "must be 1 to 100 letters, digits, dots, hyphens or underscores, without a .git extension.");
    }
}
