using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Failures;
using TokenBroker.RateLimiting;
using TokenBroker.Telemetry;

namespace TokenBroker.Callers;

/// <summary>
/// Answers requests whose caller is not authenticated: 401, or 503 while the keys of its issuer are missing. They are counted by client
/// address, and sampled for the audit trail.
/// </summary>
internal sealed partial class UnauthenticatedCallers(
    CallerSchemes schemes,
    IssuerDirectory issuers,
    RateLimits limits,
    BrokerMetrics metrics,
    RefusedCallers audit,
    ILogger<UnauthenticatedCallers> logger) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            await next(context);
        else
            await AnswerAsync(context, (await context.AuthenticateAsync()).Failure);
    }

    private async Task AnswerAsync(HttpContext context, Exception? cause)
    {
        var scheme = schemes.Choose(context);
        var refusal = CallerRefusedException.From(cause);
        var failure = refusal.Failure;
        var (issuer, reason) = (issuers.OfScheme(scheme)?.Name, refusal.Reason.Replace(' ', '-'));
        metrics.Refused(issuer, reason);

        // Only refused requests count: a valid caller behind the same address never pays for its neighbors.
        if (failure.Kind == FailureKinds.Unauthenticated && limits.CountAddress(context) is { } limited)
        {
            audit.RecordUnauthenticated(context, issuer, reason, limited);
            await new FailureResult(limited).ExecuteAsync(context);
            return;
        }

        audit.RecordUnauthenticated(context, issuer, reason, failure);
        if (failure.Kind == FailureKinds.Unauthenticated)
        {
            Log.Refused(logger, scheme, failure.Detail, CallerRefusedException.CauseOf(cause));
            context.Response.Headers[HeaderNames.WWWAuthenticate] =
                $"Bearer error=\"invalid_token\", error_description=\"{failure.Detail}\"";
        }
        else
        {
            Log.Unavailable(logger, scheme, failure.Detail);
        }

        await new FailureResult(failure).ExecuteAsync(context);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Caller refused by scheme {Scheme}: {Detail} ({Cause})")]
        public static partial void Refused(ILogger logger, string scheme, string detail, string cause);

        // A client that names keys that do not exist must not fill the log. That keys cannot be fetched is logged once, by their fetcher.
        [LoggerMessage(2, LogLevel.Debug, "Caller turned away by scheme {Scheme}: {Detail}")]
        public static partial void Unavailable(ILogger logger, string scheme, string detail);
    }
}

internal static class UnauthenticatedCallersRegistration
{
    public static void AddUnauthenticatedCallers(this IServiceCollection services) =>
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, UnauthenticatedCallers>();
}
