using System.Globalization;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>The runners of a scope.</summary>
internal sealed class RunnerEndpoints(ScopeAccess access, SandboxRunners runners)
{
    public void Map(IEndpointRouteBuilder scope)
    {
        // See https://docs.github.com/rest/actions/self-hosted-runners#list-self-hosted-runners-for-an-organization
        scope.MapGet("", ListAsync);
        scope.MapGet("/{runner_id:long}", GetAsync);
        scope.MapDelete("/{runner_id:long}", DeleteAsync);
    }

    private async Task ListAsync(HttpContext context)
    {
        if (await access.EnterAsync(context, level: "read") is not { } scope)
            return;

        var name = context.Request.Query["name"].ToString();
        var all = runners.Of(scope)
            .Where(runner => name.Length == 0 || string.Equals(runner.Name, name, StringComparison.Ordinal))
            .ToArray();
        var page = PageLinks.Of(context.Request);
        context.Response.Headers.Link = page.Header(context, $"{scope.Path}/actions/runners", all.Length);
        await GitHubAnswer.WriteAsync(context, StatusCodes.Status200OK, new JsonObject
        {
            ["total_count"] = all.Length,
            ["runners"] = new JsonArray([.. page.Cut(all).Select(RunnerJson.Runner)]),
        });
    }

    private async Task GetAsync(HttpContext context)
    {
        if (await access.EnterAsync(context, level: "read") is not { } scope)
            return;
        if (Find(context, scope) is { } runner)
            await GitHubAnswer.WriteAsync(context, StatusCodes.Status200OK, RunnerJson.Runner(runner));
        else
            await GitHubError.NotFoundAsync(context);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (await access.EnterAsync(context, level: "write") is not { } scope)
            return;
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

    private SandboxRunner? Find(HttpContext context, SandboxScope scope)
    {
        var id = long.Parse((string)context.Request.RouteValues["runner_id"]!, CultureInfo.InvariantCulture);
        return runners.Of(scope).FirstOrDefault(runner => runner.Id == id);
    }
}
