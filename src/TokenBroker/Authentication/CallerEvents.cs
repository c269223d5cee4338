using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;
using TokenBroker.Auditing;
using TokenBroker.Failures;
using TokenBroker.Observability;
using TokenBroker.RateLimiting;

namespace TokenBroker.Authentication;

/// <summary>What the JWT handler leaves to us: finding the token, waiting for keys, refusing what it would let pass, and the answer.</summary>
internal sealed partial class CallerEvents(IssuerDirectory issuers, RateLimits limits, BrokerMetrics metrics, RefusedCallers audit, ILogger<CallerEvents> logger) : JwtBearerEvents
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public override async Task MessageReceived(MessageReceivedContext context)
    {
        var presented = PresentedToken.Of(context.HttpContext);
        if (Refusal(presented, context.Scheme.Name) is { } refusal)
        {
            context.Fail(refusal);
            return;
        }

        var issuer = issuers.OfScheme(context.Scheme.Name)!;
        await issuer.Keys.PrepareAsync(presented.Jwt!.KeyId, context.HttpContext.RequestAborted);
        if (issuer.Keys.Current is null)
            context.Fail(new CallerRefusedException(FailureKinds.IssuerUnavailable.Name, new Failure(FailureKinds.IssuerUnavailable, "The keys of the JWT's issuer cannot be reached.") { RetryAfter = RetryAfter }));
        else
            context.Token = presented.Text;
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        // What the library has verified and what was read before must be one text, or nobody is calling.
        var presented = PresentedToken.Of(context.HttpContext);
        if (((JsonWebToken)context.SecurityToken).EncodedToken == presented.Text)
            context.HttpContext.Features.Set(Caller.Read(issuers.OfScheme(context.Scheme.Name)!, presented.Jwt!.Claims));
        else
            context.Fail(CallerRefusedException.For(CallerRefusedException.NotValid));
        return Task.CompletedTask;
    }

    public override async Task Challenge(JwtBearerChallengeContext context)
    {
        context.HandleResponse();
        var refused = RefusalOf(context.AuthenticateFailure);
        var failure = refused.Failure;
        var (issuer, reason) = (issuers.OfScheme(context.Scheme.Name)?.Name, refused.Reason.Replace(' ', '-'));
        metrics.Refused(issuer, reason);

        // Only who is refused is counted: a valid caller behind the same address never pays for its neighbours.
        if (failure.Kind == FailureKinds.Unauthenticated && limits.CountAddress(context.HttpContext) is { } limited)
        {
            audit.Tell(context.HttpContext, issuer, reason, limited);
            await new FailureResult(limited).ExecuteAsync(context.HttpContext);
            return;
        }

        audit.Tell(context.HttpContext, issuer, reason, failure);
        Log.Refused(logger, context.Scheme.Name, failure.Detail, context.AuthenticateFailure?.GetType().Name);
        if (failure.Kind == FailureKinds.Unauthenticated)
            context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"invalid_token\", error_description=\"{failure.Detail}\"";
        await new FailureResult(failure).ExecuteAsync(context.HttpContext);
    }

    // What the library would let pass, and what it only throws at: a caller is told which part of its JWT is wrong.
    private Exception? Refusal(PresentedToken presented, string scheme)
    {
        if (presented.Text is null)
            return CallerRefusedException.For(CallerRefusedException.Missing);
        if (presented.Jwt is not { } jwt)
            return CallerRefusedException.For(CallerRefusedException.NotValid);
        if (issuers.OfScheme(scheme) is null)
            return CallerRefusedException.For(CallerRefusedException.UnknownIssuer);
        if (!SigningKeys.Algorithms.Contains(jwt.Algorithm ?? "") || jwt.NamesNoKey)
            return CallerRefusedException.For(CallerRefusedException.BadSignature);
        if (jwt.ChangesMeaning)
            return CallerRefusedException.For(CallerRefusedException.NotValid);
        if (jwt.Ambiguity is not null)
            return jwt.Ambiguity;
        return jwt.Audiences is null ? CallerRefusedException.For(CallerRefusedException.WrongAudience) : null;
    }

    /// <summary>What a caller is told of the exception that ended its authentication.</summary>
    internal static CallerRefusedException RefusalOf(Exception? failure) => failure as CallerRefusedException ?? CallerRefusedException.For(failure switch
    {
        null => CallerRefusedException.Missing,
        SecurityTokenExpiredException => CallerRefusedException.Expired,
        SecurityTokenInvalidAudienceException => CallerRefusedException.WrongAudience,
        SecurityTokenInvalidIssuerException => CallerRefusedException.UnknownIssuer,
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException => CallerRefusedException.BadSignature,
        _ => CallerRefusedException.NotValid,
    });

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Caller refused by scheme {Scheme}: {Detail} ({Fault})")]
        public static partial void Refused(ILogger logger, string scheme, string detail, string? fault);
    }
}
