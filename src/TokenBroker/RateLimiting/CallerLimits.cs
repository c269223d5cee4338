using Microsoft.AspNetCore.Authorization;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.RateLimiting;

/// <summary>Lets each caller ask as often as it may, and answers 429 beyond that. What is for everyone is never limited.</summary>
internal sealed partial class CallerLimits(RequestDelegate next, RateLimits limits, RefusedCallers refused, ILogger<CallerLimits> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (limits.Callers is null || context.Features.Get<Caller>() is not { } caller || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(context);
            return;
        }

        var allowance = new CallerAllowance(limits, BucketKey.Of(caller));
        context.Features.Set(allowance);
        StartPermit.Current = allowance.Permit;

        // Written last: the request may meet another limit, and an answer that is made anew after a fault starts without headers.
        context.Response.OnStarting(() =>
        {
            allowance.Tell(context.Response);
            return Task.CompletedTask;
        });

        if (allowance.Take() is { } failure)
        {
            Log.Limited(logger, caller.ToString());
            refused.Tell(context, caller, failure);
            await new FailureResult(failure).ExecuteAsync(context);
        }
        else
        {
            await next(context);
        }
    }

    private static partial class Log
    {
        // Whoever asks too often must not fill the log too.
        [LoggerMessage(1, LogLevel.Debug, "Answered too-many-requests: {Caller}")]
        public static partial void Limited(ILogger logger, string caller);
    }
}
