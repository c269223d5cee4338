using System.Globalization;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>The runners of a scope.</summary>
internal sealed class RunnerEndpoints(ScopeAccess access, SandboxRunners runners, RunnerAnswer answer)
{
    public void Map(IEndpointRouteBuilder scope)
    {
        // See https://docs.github.com/rest/actions/self-hosted-runners#list-self-hosted-runners-for-an-organization
        scope.MapGet("", access.Read(ListAsync));
        scope.MapGet("/{runner_id:long}", access.Read(GetAsync));
        scope.MapDelete("/{runner_id:long}", access.Write(DeleteAsync));
    }

    private async Task ListAsync(HttpContext context, SandboxScope scope)
    {
        var name = context.Request.Query["name"].ToString();
        IReadOnlyList<SandboxRunner> all = name.Length == 0 ? runners.Of(scope) : Named(scope, name);
        var page = ListPage.Of(context.Request);
        context.Response.Headers.Link = page.Header(context, $"{scope.Path}/actions/runners", all.Count);
        await answer.WriteAsync(context, StatusCodes.Status200OK, new JsonObject
        {
            ["total_count"] = all.Count,
            ["runners"] = new JsonArray([.. page.Cut(all).Select(RunnerJson.Runner)]),
        });
    }

    private async Task GetAsync(HttpContext context, SandboxScope scope)
    {
        if (Find(context, scope) is { } runner)
            await answer.WriteAsync(context, StatusCodes.Status200OK, RunnerJson.Runner(runner));
        else
            await GitHubError.NotFoundAsync(context);
    }

    private async Task DeleteAsync(HttpContext context, SandboxScope scope)
    {
        switch (Find(context, scope))
        {
            case null:
                await GitHubError.NotFoundAsync(context);
                break;
            case { Busy: true } runner:
                await GitHubError.UnprocessableAsync(context, $"Bad request - Runner \"{runner.Name}\" is still running a job\"");
                break;
            case var runner:
                runners.Remove(scope, runner.Id);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }

    private SandboxRunner? Find(HttpContext context, SandboxScope scope) =>
        runners.Find(scope, long.Parse((string)context.Request.RouteValues["runner_id"]!, CultureInfo.InvariantCulture));

    private IReadOnlyList<SandboxRunner> Named(SandboxScope scope, string name) =>
        runners.Find(scope, name) is { } runner && string.Equals(runner.Name, name, StringComparison.Ordinal) ? [runner] : [];
}
