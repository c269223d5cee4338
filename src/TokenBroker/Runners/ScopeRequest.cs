using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>The scope that a request's path names, as it was sent: not yet known to be a name at all.</summary>
internal sealed record ScopeRequest(ScopeForm Form, string? Owner, string? Repository)
{
    /// <summary>The scope, once the names are validated.</summary>
    public Scope Scope => Form.Kind switch
    {
        ScopeKind.Repository => Scope.ForRepository(Owner!, Repository!),
        ScopeKind.Organization => Scope.ForOrganization(Owner!),
        _ => Scope.ForEnterprise(Owner!),
    };

    /// <summary>Reads the path's parts under the names that the endpoint's form has for them.</summary>
    public static ValueTask<ScopeRequest?> BindAsync(HttpContext context)
    {
        var form = context.GetEndpoint()!.Metadata.GetRequiredMetadata<ScopeForm>();
        return ValueTask.FromResult<ScopeRequest?>(new ScopeRequest(
            form,
            context.GetRouteValue(form.OwnerParameter) as string,
            context.GetRouteValue(ScopeForm.RepositoryParameter) as string));
    }
}
