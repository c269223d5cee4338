using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Registration and remove tokens.</summary>
internal sealed class RunnerTokenEndpoints(
    ScopeAccess access,
    Secrets secrets,
    IssuedTokens<SandboxRunnerToken> tokens,
    TokenExpiry expiry,
    TimeSpan lifetime)
{
    public void Map(IEndpointRouteBuilder scope)
    {
        // See https://docs.github.com/rest/actions/self-hosted-runners#create-a-registration-token-for-an-organization
        scope.MapPost("/registration-token", access.Write(MintAsync));
        scope.MapPost("/remove-token", access.Write(MintAsync));
    }

    private async Task MintAsync(HttpContext context, SandboxScope scope)
    {
        var expiresAt = expiry.Next(context, lifetime, out var fault);
        var secret = secrets.RunnerToken();
        tokens.Add(secret, new SandboxRunnerToken(context.Request.Path.Value!, expiresAt));
        var answer = TokenExpiry.Answer(secret, Write(scope, expiresAt), fault);
        if (scope is { Account: { } owner, Repository: { } repository })
        {
            var token = SandboxRequest.Of(context).Credential.InstallationToken!;
            answer["permissions"] = InstallationJson.Permissions(token.Permissions);
            answer["repository_selection"] = InstallationJson.Selection(token.Repositories is not null);
            answer["single_file"] = null;
            answer["repositories"] = new JsonArray(
                RepositoryJson.Full(GitHubJson.Base(context), owner, repository, secrets.CloneToken()));
        }

        await GitHubJson.WriteAsync(context, StatusCodes.Status201Created, answer);
    }

    private static string Write(SandboxScope scope, DateTimeOffset expiresAt) =>
        scope.Kind == SandboxScopeKind.Enterprise ? GitHubJson.MomentInCalifornia(expiresAt) : GitHubJson.Moment(expiresAt);
}
