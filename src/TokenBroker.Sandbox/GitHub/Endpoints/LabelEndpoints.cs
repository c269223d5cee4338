using System.Globalization;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>The labels of a runner.</summary>
internal sealed class LabelEndpoints(ScopeAccess access, SandboxRunners runners, RunnerAnswer answer)
{
    public void Map(IEndpointRouteBuilder scope)
    {
        // See https://docs.github.com/rest/actions/self-hosted-runners#list-labels-for-a-self-hosted-runner-for-an-organization
        var labels = scope.MapGroup("/{runner_id:long}/labels");
        labels.MapGet("", access.Read(ListAsync));
        labels.MapPost("", access.Write((context, scope) => WriteAsync(context, scope, least: 1, replace: false)));
        labels.MapPut("", access.Write((context, scope) => WriteAsync(context, scope, least: 0, replace: true)));
        labels.MapDelete("", access.Write(ClearAsync));
        labels.MapDelete("/{label}", access.Write(RemoveAsync));
    }

    private Task ListAsync(HttpContext context, SandboxScope scope) =>
        AnswerAsync(context, runners.Find(scope, Id(context)));

    private async Task WriteAsync(HttpContext context, SandboxScope scope, int least, bool replace)
    {
        if (await JsonBody.ReadAsync(context) is not { } body)
        {
            await GitHubError.UnparsableAsync(context);
            return;
        }

        var fields = new RunnerFields(body);
        var names = fields.Labels(least);
        if (fields.Errors.Count > 0)
        {
            await GitHubError.InvalidAsync(context, fields.Errors);
            return;
        }

        await AnswerAsync(context, runners.Change(scope, Id(context), runner =>
        {
            var kept = replace ? [.. runner.Labels.Where(label => !label.Custom)] : runner.Labels;
            return runner with { Labels = [.. kept, .. runners.NewLabels(kept, names)] };
        }));
    }

    private async Task ClearAsync(HttpContext context, SandboxScope scope)
    {
        await AnswerAsync(context, runners.Change(scope, Id(context), runner => runner with
        {
            Labels = [.. runner.Labels.Where(label => !label.Custom)],
        }));
    }

    private async Task RemoveAsync(HttpContext context, SandboxScope scope)
    {
        var name = (string)context.Request.RouteValues["label"]!;
        var label = runners.Find(scope, Id(context))?.Labels
            .FirstOrDefault(label => string.Equals(label.Name, name, StringComparison.OrdinalIgnoreCase));
        if (label is null)
            await GitHubError.NotFoundAsync(context);
        else if (!label.Custom)
            await GitHubError.InvalidAsync(context, [$"The label \"{label.Name}\" is read-only and cannot be removed."]);
        else
            await AnswerAsync(context, runners.Change(scope, Id(context), runner => runner with { Labels = runner.Labels.Remove(label) }));
    }

    private Task AnswerAsync(HttpContext context, SandboxRunner? runner) => runner is null
        ? GitHubError.NotFoundAsync(context)
        : answer.WriteAsync(context, StatusCodes.Status200OK, RunnerJson.Labels(runner));

    private static long Id(HttpContext context) =>
        long.Parse((string)context.Request.RouteValues["runner_id"]!, CultureInfo.InvariantCulture);
}
