using TokenBroker.Failures;
using TokenBroker.Runners;

namespace TokenBroker.Auditing;

/// <summary>Gives each request its audit event, before its answer leaves. It stands before all other filters, so that whatever they refuse is told.</summary>
internal sealed class AuditFilter(AuditTrail trail) : IEndpointFilter
{
    private const int StatusOfNobody = 499;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!await trail.ReserveAsync(http))
            return new FailureResult(AuditTrail.Stalled);

        if (context.Arguments.OfType<RunnerRequest>().FirstOrDefault() is { IsValid: true } runner)
            AuditDetails.Of(http).RunnerId = runner.Id;
        object? result;
        try
        {
            result = await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            trail.Record(http, AuditEvent.Failed, StatusOfNobody, "caller-gone");
            throw;
        }
        catch (Exception)
        {
            trail.Record(http, AuditEvent.Failed, FailureKinds.Unexpected.Status, FailureKinds.Unexpected.Name);
            throw;
        }

        Record(http, result is INestedHttpResult nested ? nested.Result : result);
        return result;
    }

    private void Record(HttpContext http, object? result)
    {
        if (result is FailureResult { Failure.Kind: var kind })
            trail.Record(http, AuditEvent.Refused, kind.Status, kind.Name);
        else
            trail.Record(http, AuditEvent.Granted, (result as IStatusCodeHttpResult)?.StatusCode ?? http.Response.StatusCode, reason: null);
    }
}
