using Microsoft.AspNetCore.Authorization;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Authorization.Grants;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.RateLimiting;

namespace TokenBroker.Runners;

/// <summary>
/// One exchange from top to bottom: the order in which a request is judged. A step that refuses ends the exchange, and nothing below it
/// happens. Before the first step, authentication has verified the caller's JWT or answered 401 (<c>Callers/UnauthenticatedCallers.cs</c>).
/// </summary>
internal sealed partial class Exchange(
    RateLimits limits,
    RefusedCallers refused,
    AuditTrail trail,
    ExchangeDecisions decisions,
    CallerGrants grants,
    ILogger<Exchange> logger)
{
    private const int CallerGone = 499;

    /// <summary>The steps before a body is read, for every path, whether or not it exists.</summary>
    public async Task AdmitAsync(HttpContext http, RequestDelegate next)
    {
        var exchange = RunnerExchange.Of(http);

        // 1. How often: who calls is known by now.
        if (CountRequest(exchange) is { } tooMany)
        {
            // Sampled, without a slot: a caller that sends too many requests must not fill the log or the audit trail.
            Log.Limited(logger, exchange.Caller.ToString());
            if (IsAudited(http))
                refused.RecordLimited(http, exchange.Audit, exchange.Caller, tooMany);
            await new FailureResult(tooMany).ExecuteAsync(http);
            return;
        }

        // 2. Path and body: the body must be small enough and arrive in time.
        if (await RequestShape.RejectAsync(http, exchange.Deadline) is { } malformed)
            await RefuseAsync(exchange, malformed);
        else
            await next(http);
    }

    /// <summary>The steps around an endpoint, once its arguments are bound.</summary>
    public async ValueTask<object?> JudgeAsync(
        EndpointFilterInvocationContext request, RequestValidation validation, EndpointFilterDelegate endpoint)
    {
        var exchange = RunnerExchange.Of(request.HttpContext);

        // 3. A slot in the audit trail: nothing is done that could not be recorded.
        if (!await trail.ReserveAsync(exchange.Deadline.Left, exchange.Canceled))
            return new FailureResult(AuditTrail.Stalled);

        object? answer;
        try
        {
            // 4. Names, numbers and fields that GitHub could never accept.
            answer = validation.Reject(request.Arguments, exchange)

                // 5. The policies. They come before the cache, which knows no caller.
                ?? decisions.Deny(exchange)

                // 6. The endpoint. One that hands something out takes a grant first (ReserveGrantAsync); then come the cache and GitHub.
                ?? await RunAsync(request, exchange, endpoint);
        }
        catch (FailureException exception)
        {
            Log.Ended(logger, exception.Failure.Kind.Name, exception.Failure.Detail);
            answer = new FailureResult(exception.Failure);
        }
        catch (OperationCanceledException) when (exchange.Canceled.IsCancellationRequested)
        {
            Record(exchange, AuditEvent.Failed, CallerGone, "caller-gone");
            throw;
        }
        catch (Exception)
        {
            Record(exchange, AuditEvent.Failed, FailureKinds.Unexpected.Status, FailureKinds.Unexpected.Name);
            throw;
        }

        // 7. The audit event, 8. and only then the answer.
        if (ResultOf(answer) is FailureResult { Failure.Kind: var kind })
            Record(exchange, AuditEvent.Refused, kind.Status, kind.Name);
        else
            Record(exchange, AuditEvent.Granted, StatusOf(answer) ?? exchange.Http.Response.StatusCode, reason: null);
        return answer;
    }

    /// <summary>
    /// Counts a grant for the request; the endpoint keeps it once the answer is a success. Policies that have no grants left no longer
    /// allow the request.
    /// </summary>
    /// <param name="exchange">The exchange.</param>
    /// <param name="fitting">The policies that allow all of the request; null for all that allow the operation.</param>
    /// <exception cref="FailureException">No policy has grants left.</exception>
    public async Task<Grant> ReserveGrantAsync(RunnerExchange exchange, IReadOnlyList<Policy>? fitting = null)
    {
        var allowing = fitting ?? exchange.Decision!.Policies;
        if (!ExchangeDecisions.AwaitsGrants(exchange))
            return new Grant(allowing, giveBack: null);

        var grant = await grants.ReserveAsync(exchange.Caller, exchange.Operation!.Value, exchange.Scope!, allowing, exchange.Canceled);
        decisions.Record(exchange, new Decision(grant.Policies, grant.Policies.Count > 0 ? DenialReason.None : DenialReason.GrantsUsedUp));
        return grant.Policies.Count > 0 ? grant : throw decisions.UsedUp(exchange, allowing);
    }

    // Anonymous endpoints are not limited by caller.
    private Failure? CountRequest(RunnerExchange exchange)
    {
        var http = exchange.Http;
        var isAnonymous = http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if (limits.Callers is null || isAnonymous || http.Features.Get<Caller>() is not { } caller)
            return null;

        var allowance = new CallerAllowance(limits, BucketKey.For(caller));
        StartPermit.Current = allowance.Permit;

        // Written last: the request may meet another limit, and an exception handler clears the headers.
        http.Response.OnStarting(() =>
        {
            allowance.WriteHeaders(http.Response);
            return Task.CompletedTask;
        });
        return allowance.Take();
    }

    // Grants have the last word on a decision. If the endpoint ended before it asked for one, the decision of the policies stands.
    private async ValueTask<object?> RunAsync(
        EndpointFilterInvocationContext request, RunnerExchange exchange, EndpointFilterDelegate endpoint)
    {
        try
        {
            return await endpoint(request);
        }
        finally
        {
            if (exchange is { Decision: { } decision, IsDecisionRecorded: false })
                decisions.Record(exchange, decision);
        }
    }

    private async Task RefuseAsync(RunnerExchange exchange, Failure failure)
    {
        if (IsAudited(exchange.Http))
        {
            if (await trail.ReserveAsync(exchange.Deadline.Left, exchange.Canceled))
                Record(exchange, AuditEvent.Refused, failure.Kind.Status, failure.Kind.Name);
            else
                failure = AuditTrail.Stalled;
        }

        await new FailureResult(failure).ExecuteAsync(exchange.Http);
    }

    private void Record(RunnerExchange exchange, string outcome, int status, string? reason) =>
        trail.Record(exchange.Http, exchange.Audit, outcome, status, reason);

    private static object? ResultOf(object? answer) => answer is INestedHttpResult nested ? nested.Result : answer;

    private static int? StatusOf(object? answer) => (ResultOf(answer) as IStatusCodeHttpResult)?.StatusCode;

    private static bool IsAudited(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<ExchangeEndpoint>() is not null && http.Features.Get<Caller>() is not null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Answered {Kind}: {Detail}")]
        public static partial void Ended(ILogger logger, string kind, string detail);

        [LoggerMessage(2, LogLevel.Debug, "Answered too-many-requests: {Caller}")]
        public static partial void Limited(ILogger logger, string caller);
    }
}

/// <summary>Marks an endpoint whose requests are exchanges: each is judged by <see cref="Exchange"/> and has an audit event.</summary>
internal sealed record ExchangeEndpoint;
