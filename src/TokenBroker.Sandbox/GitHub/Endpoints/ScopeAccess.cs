using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Lets a request through to the runners of a scope if its credential reaches them.</summary>
internal sealed class ScopeAccess(
    SandboxAccounts accounts,
    SandboxFaults faults,
    SandboxClock clock,
    SandboxCredentials credentials,
    bool requireNarrowedTokens)
{
    /// <summary>A handler that runs only if the credential may read the scope's runners.</summary>
    public RequestDelegate Read(Func<HttpContext, SandboxScope, Task> handle) => Guard(handle, level: "read");

    /// <summary>A handler that runs only if the credential may change the scope's runners.</summary>
    public RequestDelegate Write(Func<HttpContext, SandboxScope, Task> handle) => Guard(handle, level: "write");

    /// <summary>Whether an installation token still works at all; writes the refusal if it does not.</summary>
    public async Task<bool> WorksAsync(HttpContext context, SandboxInstallationToken token)
    {
        if (token.ExpiresAt <= clock.Now || accounts.FindInstallation(token.InstallationId) is not { Installation: { } installation })
        {
            await GitHubError.BadCredentialsAsync(context);
            return false;
        }

        if (installation.SuspendedAt is not null)
        {
            await GitHubError.SuspendedAsync(context);
            return false;
        }

        return !await LagsAsync(context, token);
    }

    private RequestDelegate Guard(Func<HttpContext, SandboxScope, Task> handle, string level) => async context =>
    {
        var scope = context.Request.RouteValues.ContainsKey("enterprise")
            ? await EnterEnterpriseAsync(context)
            : await EnterOwnedAsync(context, level);
        if (scope is not null)
            await handle(context, scope);
    };

    private async Task<SandboxScope?> EnterEnterpriseAsync(HttpContext context)
    {
        switch (SandboxRequest.Of(context).Credential.Kind)
        {
            case SandboxCredentialKind.EnterpriseToken when credentials.EnterpriseTokenExpiresAt <= clock.Now:
                await GitHubError.BadCredentialsAsync(context);
                return null;
            case SandboxCredentialKind.EnterpriseToken when !credentials.MayManageRunners:
                await GitHubError.NotFoundAsync(context);
                return null;
            case SandboxCredentialKind.EnterpriseToken when ScopePaths.Find(context, accounts) is { } scope:
                return scope;
            case SandboxCredentialKind.EnterpriseToken:
                await GitHubError.NotFoundAsync(context);
                return null;
            case SandboxCredentialKind.InstallationToken:
                await GitHubError.NotAccessibleAsync(context);
                return null;
            default:
                await GitHubError.BadCredentialsAsync(context);
                return null;
        }
    }

    private async Task<SandboxScope?> EnterOwnedAsync(HttpContext context, string level)
    {
        var credential = SandboxRequest.Of(context).Credential;
        if (credential.Kind == SandboxCredentialKind.EnterpriseToken)
        {
            // It holds manage_runners:enterprise and nothing else.
            await GitHubError.NotFoundAsync(context);
            return null;
        }

        var token = credential.InstallationToken;
        if (token is null)
        {
            await GitHubError.BadCredentialsAsync(context);
            return null;
        }

        if (!await WorksAsync(context, token))
            return null;

        var scope = ScopePaths.Find(context, accounts);
        if (scope is null && ScopePaths.FindMoved(context, accounts) is { } moved)
            await GitHubError.MovedAsync(context, moved + Remainder(context));
        else if (scope is null || (requireNarrowedTokens && scope.Repository is not null && token.Repositories is null))
            await GitHubError.NotFoundAsync(context);
        else if (!Reaches(token, scope, level))
            await GitHubError.NotAccessibleAsync(context);
        else
            return scope;
        return null;
    }

    private static bool Reaches(SandboxInstallationToken token, SandboxScope scope, string level)
    {
        if (scope.Account is not { Installation: { } installation } || installation.Id != token.InstallationId)
            return false;
        var permission = scope.Repository is null ? SandboxPermissions.OrganizationSelfHostedRunners : SandboxPermissions.Administration;
        return token.Permissions.Allow(permission, level)
            && installation.Permissions.Allow(permission, level)
            && (scope.Repository is null
                || (installation.Covers(scope.Repository) && token.Repositories?.Contains(scope.Repository.Id) != false));
    }

    private async Task<bool> LagsAsync(HttpContext context, SandboxInstallationToken token)
    {
        var age = clock.Time.GetUtcNow() - token.CreatedAt;
        var fault = faults.Candidates(FaultStage.Credential, SandboxRequest.Of(context))
            .FirstOrDefault(one => age < one.Duration(otherwise: 2) && one.TryUse());
        if (fault is null)
            return false;
        if (string.Equals(fault.Name, SandboxFaultNames.ReplicationLag, StringComparison.Ordinal))
            await GitHubError.BadCredentialsAsync(context);
        else
            await GitHubError.NotAccessibleAsync(context);
        return true;
    }

    /// <summary>The path after OWNER/REPO.</summary>
    private static string Remainder(HttpContext context)
    {
        var segments = context.Request.Path.Value!.Split('/');
        return "/" + string.Join('/', segments.Skip(4));
    }
}
