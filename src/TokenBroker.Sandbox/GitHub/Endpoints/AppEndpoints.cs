using System.Globalization;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>What the App may request with its JWT: itself, its installations, and their tokens.</summary>
internal sealed class AppEndpoints(AppJwtCheck check, SandboxCredentials credentials, SandboxAccounts accounts, InstallationTokenMint mint)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/repos/{owner}/{repo}/installation", check.Require(ForRepositoryAsync));
        routes.MapGet("/repositories/{repository_id:long}/installation", check.Require(ForRepositoryAsync));
        routes.MapGet("/orgs/{org}/installation", check.Require(ForOrganizationAsync));
        routes.MapGet("/users/{username}/installation", check.Require(ForUserAsync));
        routes.MapGet("/app", check.Require(AppAsync));
        routes.MapGet("/app/installations", check.Require(InstallationsAsync));
        routes.MapPost("/app/installations/{installation_id:long}/access_tokens", check.Require(TokenAsync));
    }

    // See https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
    private async Task ForRepositoryAsync(HttpContext context)
    {
        var scope = ScopePaths.Find(context, accounts);
        if (scope is null && ScopePaths.FindMoved(context, accounts) is { } moved)
            await GitHubError.MovedAsync(context, $"{moved}/installation");
        else if (scope is { Account.Installation: { } installation, Repository: { } repository } && installation.Covers(repository))
            await WriteAsync(context, scope.Account, installation);
        else
            await GitHubError.NotFoundAsync(context);
    }

    // See https://docs.github.com/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app
    private async Task ForOrganizationAsync(HttpContext context)
    {
        if (ScopePaths.Find(context, accounts) is { Account: { Installation: { } installation } account })
            await WriteAsync(context, account, installation);
        else
            await GitHubError.NotFoundAsync(context);
    }

    // See https://docs.github.com/rest/apps/apps#get-a-user-installation-for-the-authenticated-app
    private async Task ForUserAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["username"]!;
        if (accounts.Find(name) is { Type: SandboxAccountType.User, Installation: { } installation } account)
            await WriteAsync(context, account, installation);
        else
            await GitHubError.NotFoundAsync(context);
    }

    private async Task AppAsync(HttpContext context)
    {
        var owner = new SandboxAccount(1, "sandbox-owner", SandboxAccountType.Organization);
        var installed = accounts.All.Count(account => account.Installation is not null);
        var app = InstallationJson.App(GitHubJson.Base(context), credentials, owner, installed);
        await GitHubJson.WriteAsync(context, StatusCodes.Status200OK, app);
    }

    private async Task InstallationsAsync(HttpContext context)
    {
        var installed = accounts.All.Where(account => account.Installation is not null).ToArray();
        var page = ListPage.Of(context.Request);
        context.Response.Headers.Link = page.Header(context, "app/installations", installed.Length);
        await GitHubJson.WriteAsync(
            context,
            StatusCodes.Status200OK,
            new JsonArray([.. page.Cut(installed).Select(account => Describe(context, account, account.Installation!))]));
    }

    // See https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
    private async Task TokenAsync(HttpContext context)
    {
        var id = long.Parse((string)context.Request.RouteValues["installation_id"]!, CultureInfo.InvariantCulture);
        if (accounts.FindInstallation(id) is not { Installation: { } installation } account)
            await GitHubError.NotFoundAsync(context);
        else if (installation.SuspendedAt is not null)
            await GitHubError.SuspendedAsync(context);
        else
            await mint.AnswerAsync(context, account, installation);
    }

    private Task WriteAsync(HttpContext context, SandboxAccount account, SandboxInstallation installation) =>
        GitHubJson.WriteAsync(context, StatusCodes.Status200OK, Describe(context, account, installation));

    private JsonObject Describe(HttpContext context, SandboxAccount account, SandboxInstallation installation) =>
        InstallationJson.Installation(GitHubJson.Base(context), credentials.AppId, account, installation);
}
