using FluentValidation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>The scope that a request's path names, as it was sent and not yet validated.</summary>
internal sealed record ScopeRequest(ScopeForm Form, string? Owner, string? Repository)
{
    /// <summary>The scope. The names must have been validated.</summary>
    public Scope Scope => Form.Kind switch
    {
        ScopeKind.Repository => Scope.ForRepository(Owner!, Repository!),
        ScopeKind.Organization => Scope.ForOrganization(Owner!),
        _ => Scope.ForEnterprise(Owner!),
    };

    /// <summary>Reads the path's parts under the names that the form has for them.</summary>
    public static ScopeRequest Read(ScopeForm form, HttpContext context) => new(
        form,
        context.GetRouteValue(form.OwnerParameter) as string,
        context.GetRouteValue(ScopeForm.RepositoryParameter) as string);
}

/// <summary>Refuses names that GitHub could never accept.</summary>
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
            .Otherwise(
                ScopeForm.RepositoryParameter,
                "must be 1 to 100 letters, digits, dots, hyphens or underscores, without a .git extension.");
    }
}
