using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Listing;

/// <summary>What the document says of the runners of a scope.</summary>
internal static class ListingDocumentation
{
    public static readonly ParameterDocumentation RunnerParameter = new(RunnerRequest.Parameter, "The runner's id.", 23L) { IsInPath = true };

    public static OperationDocumentation List(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "list-self-hosted-runners"), $"List self-hosted runners for {form.Article}")
    {
        Form = form,
        Description = "`Link` leads to the other pages, at the broker.",
        Parameters =
        [
            new(PageRequest.PerPageParameter, "Runners on a page, 30 unless told.", 30) { Range = (1, PageRequest.Largest) },
            new(PageRequest.PageParameter, "The page, from 1.", 1),
            new(PageRequest.NameParameter, "Only the runner of this name.", null),
        ],
        Answer = new(StatusCodes.Status200OK, "A page of runners.", new(typeof(RunnerPage), new RunnerPage { TotalCount = 1, Runners = [Runner.Example] })) { IsConditional = true },
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
        Description = "Only runners whose name the caller's policy names: it is looked up first.",
        Parameters = [RunnerParameter],
        Answer = new(StatusCodes.Status204NoContent, "It is gone.", Content: null),
        Failures = [Unprocessable],
    };

    public static readonly FailureDocumentation Unprocessable = new(
        Failures.FailureKinds.Unprocessable, "Bad request - Runner \"vm-7f3a\" is still running a job\"", "GitHub understood the request and does not do it, or a field of the body is not valid.");
}
