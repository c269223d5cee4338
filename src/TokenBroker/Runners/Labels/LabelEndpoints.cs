using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;
using TokenBroker.Runners.Listing;
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

    private static async Task<GitHubPassthroughResult> List(RunnerExchange exchange, RunnerRequest runner, RunnerClient client) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            client.GetAsync(
                exchange.Scope!, Permission.ToRead(exchange.Scope!), runner.Id, below: "/labels", exchange.IfNoneMatch, cancellation)));

    private static async Task<GitHubPassthroughResult> Add(
        RunnerExchange exchange, RunnerRequest runner, LabelsRequest given, RunnerLabels labels) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            labels.AddAsync(exchange.Scope!, runner.Id, given.Names, exchange.Bounds, cancellation)));

    private static async Task<GitHubPassthroughResult> Replace(
        RunnerExchange exchange, RunnerRequest runner, LabelsRequest given, RunnerLabels labels) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            labels.ReplaceAsync(exchange.Scope!, runner.Id, given.Names, exchange.Bounds, cancellation)));

    // All but those that a policy requires: no policy would allow a runner without them.
    private static async Task<GitHubPassthroughResult> RemoveAll(RunnerExchange exchange, RunnerRequest runner, RunnerLabels labels) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            labels.ReplaceAsync(exchange.Scope!, runner.Id, [], exchange.Bounds, cancellation)));

    private static async Task<GitHubPassthroughResult> Remove(
        RunnerExchange exchange, RunnerRequest runner, LabelRequest label, RunnerLabels labels) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            labels.RemoveAsync(exchange.Scope!, runner.Id, label.Name!, exchange.Bounds, cancellation)));
}

internal static class LabelDocumentation
{
    private const string Bounds = "The caller's policy must cover the labels and the runner's name.";

    public static OperationDocumentation List(ScopeForm form) => Describe(
        form, "list-labels-for-self-hosted-runner", "List labels for a self-hosted runner for") with
    {
        Answer = Labels with { IsConditional = true },
    };

    public static OperationDocumentation Add(ScopeForm form) => Change(
        form, "add-custom-labels-to-self-hosted-runner", "Add custom labels to a self-hosted runner for") with
    {
        Body = Names,
    };

    public static OperationDocumentation Replace(ScopeForm form) => Change(
        form, "set-custom-labels-for-self-hosted-runner", "Set custom labels for a self-hosted runner for") with
    {
        Body = Names,
    };

    public static OperationDocumentation RemoveAll(ScopeForm form) => Change(
        form, "remove-all-custom-labels-from-self-hosted-runner", "Remove all custom labels from a self-hosted runner for");

    public static OperationDocumentation Remove(ScopeForm form) => Change(
        form, "remove-custom-label-from-self-hosted-runner", "Remove a custom label from a self-hosted runner for") with
    {
        Parameters = [ListingDocumentation.RunnerParameter, new(LabelRequest.Parameter, "The label.", "gpu") { IsInPath = true }],
    };

    private static ContentDocumentation Names => new(typeof(LabelNameList), new LabelNameList { Labels = ["gpu"] });

    private static AnswerDocumentation Labels =>
        new(StatusCodes.Status200OK, "The runner's labels.", new(typeof(RunnerLabelList), RunnerLabelList.Example));

    private static OperationDocumentation Change(ScopeForm form, string name, string summary) => Describe(form, name, summary) with
    {
        Description = Bounds,
        Failures = [ListingDocumentation.Unprocessable],
    };

    private static OperationDocumentation Describe(ScopeForm form, string name, string summary) => new(
        OperationDocumentation.IdOf(form, name), $"{summary} {form.Article}")
    {
        Form = form,
        Parameters = [ListingDocumentation.RunnerParameter],
        Answer = Labels,
    };
}
