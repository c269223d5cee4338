namespace TokenBroker.Failures;

/// <summary>Answers a request with the failure that ended it.</summary>
internal sealed partial class FailureFilter(ILogger<FailureFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (FailureException exception)
        {
            var failure = exception.Failure;
            Log.Ended(logger, failure.Kind.Name, failure.Detail);
            return new FailureResult(failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Answered {Kind}: {Detail}")]
        public static partial void Ended(ILogger logger, string kind, string detail);
    }
}
