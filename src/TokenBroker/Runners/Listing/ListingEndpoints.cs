using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Listing;

/// <summary>The runners of a scope: list, get, delete.</summary>
internal static class ListingEndpoints
{
    public static void MapListing(this RouteGroupBuilder runners, ScopeForm form)
    {
        runners.MapGet("", List)
            .WithMetadata(new RequiredOperation(Operation.Read))
            .WithMetadata(ListingDocumentation.List(form));
        runners.MapGet(RunnerRequest.Route, Get)
            .WithMetadata(new RequiredOperation(Operation.Read))
            .WithMetadata(ListingDocumentation.Get(form));
        runners.MapDelete(RunnerRequest.Route, Delete)
            .WithMetadata(new RequiredOperation(Operation.Delete))
            .WithMetadata(ListingDocumentation.Delete(form));
    }

    private static async Task<GitHubPassthroughResult> List(RunnerExchange exchange, PageRequest page, RunnerClient client) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            client.ListAsync(exchange.Scope!, page.Query, exchange.IfNoneMatch, cancellation)));

    private static async Task<GitHubPassthroughResult> Get(RunnerExchange exchange, RunnerRequest runner, RunnerClient client) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            client.GetAsync(
                exchange.Scope!, Permission.ToRead(exchange.Scope!), runner.Id, below: "", exchange.IfNoneMatch, cancellation)));

    private static async Task<NoContent> Delete(RunnerExchange exchange, RunnerRequest runner, RunnerClient client) =>
        await exchange.AskGitHubAsync(async cancellation =>
        {
            await DeleteAsync(exchange, runner.Id, client, cancellation);
            return TypedResults.NoContent();
        });

    private static async Task DeleteAsync(RunnerExchange exchange, long id, RunnerClient client, CancellationToken cancellation)
    {
        var scope = exchange.Scope!;
        var answer = await client.GetAsync(
            scope, Permission.ToWrite(scope), id, below: "", ifNoneMatch: null, cancellation, isToBeDeleted: true);
        var runner = ListedRunner.Read(answer);
        exchange.Audit.RunnerName = runner.Name;
        exchange.Bounds.Fit<RunnerBounds>(block => (block.AllowsName(runner.Name) ? [] : [BoundedRunners.ForbiddenName("delete")], block));
        try
        {
            exchange.Audit.Mint = (await client.DeleteAsync(scope, id, cancellation)).Trace;
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.UnknownRunner)
        {
            // It existed a moment ago: an ephemeral runner that ended, or this very call, whose first answer was lost.
        }
    }
}

internal static class ListingDocumentation
{
    public static readonly ParameterDocumentation RunnerParameter = new(RunnerRequest.Parameter, "The runner's ID.", 23L)
    {
        IsInPath = true,
    };

    public static OperationDocumentation List(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "list-self-hosted-runners"), $"List self-hosted runners for {form.Article}")
    {
        Form = form,
        Description = "`Link` leads to the other pages, through the broker.",
        Parameters =
        [
            new(PageRequest.PerPageParameter, "Runners per page; 30 by default.", 30) { Range = (1, PageRequest.Largest) },
            new(PageRequest.PageParameter, "The page, from 1.", 1),
            new(PageRequest.NameParameter, "Only the runner of this name.", null),
        ],
        Answer = new(
            StatusCodes.Status200OK,
            "A page of runners.",
            new(typeof(RunnerPage), new RunnerPage { TotalCount = 1, Runners = [Runner.Example] }))
        {
            IsConditional = true,
        },
    };

    public static OperationDocumentation Get(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "get-self-hosted-runner"), $"Get a self-hosted runner for {form.Article}")
    {
        Form = form,
        Parameters = [RunnerParameter],
        Answer = new(StatusCodes.Status200OK, "The runner.", new(typeof(Runner), Runner.Example)) { IsConditional = true },
    };

    public static OperationDocumentation Delete(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "delete-self-hosted-runner", "from"), $"Delete a self-hosted runner from {form.Article}")
    {
        Form = form,
        Description = "Only runners whose name the caller's policy covers: the runner is looked up first.",
        Parameters = [RunnerParameter],
        Answer = new(StatusCodes.Status204NoContent, "The runner is deleted.", Content: null),
        Failures = [Unprocessable],
    };

    public static readonly FailureDocumentation Unprocessable = new(
        FailureKinds.Unprocessable,
        "Bad request - Runner \"vm-7f3a\" is still running a job\"",
        "GitHub understood the request and will not do it, or a field of the body is not valid.");
}
