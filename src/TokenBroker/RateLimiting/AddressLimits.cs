using TokenBroker.Failures;

namespace TokenBroker.RateLimiting;

/// <summary>Counts requests for what is for everyone by the address that they come from, as those that do not authenticate are, and answers 429 beyond that.</summary>
internal sealed class AddressLimits(RequestDelegate next, RateLimits limits)
{
    public Task InvokeAsync(HttpContext context) =>
        limits.CountAddress(context) is { } failure ? new FailureResult(failure).ExecuteAsync(context) : next(context);
}
