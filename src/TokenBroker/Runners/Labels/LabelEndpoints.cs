using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Labels;

/// <summary>The labels of a runner.</summary>
internal static class LabelEndpoints
{
    public static void MapLabels(this RouteGroupBuilder runners, ScopeForm form)
    {
        var labels = runners.MapGroup(RunnerRequest.Route + "/labels");
        labels.MapGet("", List)
            .WithMetadata(new RequiredOperation(Operation.Read))
            .WithMetadata(LabelDocumentation.List(form));
        labels.MapPost("", Add)
            .WithMetadata(new RequiredOperation(Operation.Labels))
            .WithMetadata(LabelDocumentation.Add(form));
        labels.MapPut("", Replace)
            .WithMetadata(new RequiredOperation(Operation.Labels))
            .WithMetadata(LabelDocumentation.Replace(form));
        labels.MapDelete("", RemoveAll)
            .WithMetadata(new RequiredOperation(Operation.Labels))
            .WithMetadata(LabelDocumentation.RemoveAll(form));
        labels.MapDelete("{" + LabelRequest.Parameter + "}", Remove)
            .WithMetadata(new RequiredOperation(Operation.Labels))
            .WithMetadata(LabelDocumentation.Remove(form));
    }

    private static Task<PassedOn> List(ScopeRequest request, RunnerRequest runner, RunnerClient client, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation =>
            client.GetAsync(request.Scope, Permission.ToRead(request.Scope), runner.Id, below: "/labels", EntityTags.Of(context.Request), cancellation));

    private static Task<PassedOn> Add(ScopeRequest request, RunnerRequest runner, LabelsRequest given, RunnerLabels labels, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => labels.AddAsync(request.Scope, runner.Id, given.Names, BoundedRunners.Of(context), cancellation));

    private static Task<PassedOn> Replace(ScopeRequest request, RunnerRequest runner, LabelsRequest given, RunnerLabels labels, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => labels.ReplaceAsync(request.Scope, runner.Id, given.Names, BoundedRunners.Of(context), cancellation));

    // All but those that a policy requires: a runner without them would be one that no policy allows.
    private static Task<PassedOn> RemoveAll(ScopeRequest request, RunnerRequest runner, RunnerLabels labels, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => labels.ReplaceAsync(request.Scope, runner.Id, [], BoundedRunners.Of(context), cancellation));

    private static Task<PassedOn> Remove(ScopeRequest request, RunnerRequest runner, LabelRequest label, RunnerLabels labels, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => labels.RemoveAsync(request.Scope, runner.Id, label.Name!, BoundedRunners.Of(context), cancellation));
}
