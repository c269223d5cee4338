using TokenBroker.Auditing;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
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

    private static Task<PassedOn> List(ScopeRequest request, PageRequest page, RunnerClient client, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => client.ListAsync(request.Scope, page.Query, EntityTags.Of(context.Request), cancellation));

    private static Task<PassedOn> Get(ScopeRequest request, RunnerRequest runner, RunnerClient client, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation =>
            client.GetAsync(request.Scope, Permission.ToRead(request.Scope), runner.Id, below: "", EntityTags.Of(context.Request), cancellation));

    private static Task<IResult> Delete(ScopeRequest request, RunnerRequest runner, RunnerClient client, HttpContext context) =>
        Patience.Of(context).WithinAsync<IResult>(
            async cancellation =>
            {
                await DeleteAsync(request.Scope, runner.Id, BoundedRunners.Of(context), client, AuditDetails.Of(context), cancellation);
                return TypedResults.NoContent();
            },
            context.RequestAborted);

    private static async Task DeleteAsync(Scope scope, long id, BoundedRunners bounds, RunnerClient client, AuditDetails audit, CancellationToken cancellation)
    {
        var runner = ListedRunner.Read(await client.GetAsync(scope, Permission.ToWrite(scope), id, below: "", ifNoneMatch: null, cancellation, isToBeDeleted: true));
        audit.RunnerName = runner.Name;
        bounds.Fit<RunnerBounds>(block => (block.AllowsName(runner.Name) ? [] : [BoundedRunners.ForbiddenName("delete")], block));
        try
        {
            audit.Mint = (await client.DeleteAsync(scope, id, cancellation)).Trace;
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.UnknownRunner)
        {
            // It was there a moment ago: an ephemeral runner that ended, or this very call, whose first answer was lost.
        }
    }
}
