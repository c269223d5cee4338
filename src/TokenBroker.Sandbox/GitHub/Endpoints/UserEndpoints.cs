using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Public information about an owner.</summary>
internal sealed class UserEndpoints(ScopeAccess access, SandboxAccounts accounts)
{
    // See https://docs.github.com/rest/users/users#get-a-user
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/users/{username}", GetAsync);

    private async Task GetAsync(HttpContext context)
    {
        var credential = SandboxRequest.Of(context).Credential;
        if (credential.Kind is SandboxCredentialKind.Unknown or SandboxCredentialKind.AppJwt)
        {
            await GitHubError.BadCredentialsAsync(context);
            return;
        }

        if (credential.InstallationToken is { } token && !await access.WorksAsync(context, token))
            return;

        if (accounts.Find((string)context.Request.RouteValues["username"]!) is { } account)
            await GitHubJson.WriteAsync(context, StatusCodes.Status200OK, AccountJson.Public(GitHubJson.Base(context), account));
        else
            await GitHubError.NotFoundAsync(context);
    }
}
