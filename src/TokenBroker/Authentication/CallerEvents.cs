using System.Buffers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;
using TokenBroker.Auditing;
using TokenBroker.Failures;
using TokenBroker.RateLimiting;
using TokenBroker.Telemetry;

namespace TokenBroker.Authentication;

/// <summary>What the JWT handler leaves to us: finding the token, waiting for keys, refusing what it would let pass, and the answer.</summary>
internal sealed partial class CallerEvents(IssuerDirectory issuers, RateLimits limits, BrokerMetrics metrics, RefusedCallers audit, ILogger<CallerEvents> logger) : JwtBearerEvents
{
    private const int LongestWord = 32;
    private static readonly SearchValues<char> WordLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-./_");
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public override async Task MessageReceived(MessageReceivedContext context)
    {
        var presented = PresentedToken.Of(context.HttpContext);
        if (Refusal(presented, context.Scheme.Name) is { } refusal)
        {
            context.Fail(refusal);
            return;
        }

        var (jwt, source) = (presented.Jwt!, issuers.OfScheme(context.Scheme.Name)!.Keys);
        TimeSpan? nextQuestion;
        try
        {
            nextQuestion = await source.PrepareAsync(jwt.KeyId, jwt.Algorithm, context.HttpContext.RequestAborted);
        }
        catch (OperationCanceledException) when (context.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // The handler would log an error, with its stack, for everyone who hangs up.
            context.Fail(Unavailable("The caller hung up while its issuer's keys were asked for.", RetryAfter));
            return;
        }

        if (source.Current?.Set is not { } keys)
            context.Fail(Unavailable("The keys of the JWT's issuer cannot be reached.", RetryAfter));
        else if (nextQuestion is { } wait)
            context.Fail(Unavailable("The JWT names a key that is not known yet; its issuer's keys are about to be asked for again.", wait));
        else if (keys.For(jwt.KeyId, jwt.Algorithm).Count == 0)
            context.Fail(CallerRefusedException.For(CallerRefusedException.BadSignature, keys.Missing(jwt.KeyId, jwt.Algorithm)));
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
        if (failure.Kind == FailureKinds.Unauthenticated)
        {
            Log.Refused(logger, context.Scheme.Name, failure.Detail, CauseOf(context.AuthenticateFailure));
            context.Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"invalid_token\", error_description=\"{failure.Detail}\"";
        }
        else
        {
            Log.Unavailable(logger, context.Scheme.Name, failure.Detail);
        }

        await new FailureResult(failure).ExecuteAsync(context.HttpContext);
    }

    // What the library would let pass, and what it only throws at: a caller is told which part of its JWT is wrong.
    private Exception? Refusal(PresentedToken presented, string scheme)
    {
        if (presented.Text is null)
            return CallerRefusedException.For(CallerRefusedException.Missing);
        if (presented.Jwt is not { } jwt)
            return CallerRefusedException.For(CallerRefusedException.NotValid, presented.IsTooLong ? $"it is longer than {PresentedToken.LongestJwt} characters" : "it is no JWT");
        if (issuers.OfScheme(scheme) is null)
            return CallerRefusedException.For(CallerRefusedException.UnknownIssuer, issuers.FindAlike(jwt) is { } alike ? $"its iss is that of issuer '{alike.Name}' but for the case of letters" : null);
        if (!SigningKeys.Algorithms.Contains(jwt.Algorithm ?? ""))
            return CallerRefusedException.For(CallerRefusedException.BadSignature, $"its alg is {Show(jwt.Algorithm)}, which is not taken; these are: {string.Join(", ", SigningKeys.Algorithms)}");
        if (jwt.NamesNoKey)
            return CallerRefusedException.For(CallerRefusedException.BadSignature, "its kid is no text");
        if (jwt.ChangesMeaning)
            return CallerRefusedException.For(CallerRefusedException.NotValid, "its header has 'crit' or 'b64', which are never taken");
        if (!jwt.IsForBearers)
            return CallerRefusedException.For(CallerRefusedException.NotValid, $"its typ is {Show(jwt.Type)}, which is another purpose than to be shown by its bearer");
        if (jwt.IsBoundToKey)
            return CallerRefusedException.For(CallerRefusedException.NotValid, "its cnf binds it to a key, and no proof of that key comes with it");
        if (jwt.Ambiguity is not null)
            return jwt.Ambiguity;
        return jwt.Audiences is null ? CallerRefusedException.For(CallerRefusedException.WrongAudience) : null;
    }

    private static CallerRefusedException Unavailable(string detail, TimeSpan retryAfter) =>
        new(FailureKinds.IssuerUnavailable.Name, new Failure(FailureKinds.IssuerUnavailable, detail) { RetryAfter = retryAfter });

    // These are thrown by checks of ours alone; what the library itself says may hold parts of the JWT.
    private static string CauseOf(Exception? failure) => failure switch
    {
        CallerRefusedException { Cause: { } cause } => cause,
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException or SecurityTokenNotYetValidException
            or SecurityTokenInvalidIssuerException or SecurityTokenInvalidAudienceException => failure.Message,
        null => "there is none",
        _ => failure.GetType().Name,
    };

    // Anyone can write anything there.
    private static string Show(string? word) =>
        word is { Length: > 0 and <= LongestWord } && !word.AsSpan().ContainsAnyExcept(WordLetters) ? $"'{word}'" : "no such word";

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
        [LoggerMessage(1, LogLevel.Information, "Caller refused by scheme {Scheme}: {Detail} ({Cause})")]
        public static partial void Refused(ILogger logger, string scheme, string detail, string cause);

        // Whoever names keys that do not exist must not fill the log; that keys cannot be had, and that they are asked for again, stands there once for all.
        [LoggerMessage(2, LogLevel.Debug, "Caller turned away by scheme {Scheme}: {Detail}")]
        public static partial void Unavailable(ILogger logger, string scheme, string detail);
    }
}
