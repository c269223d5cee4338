using System.Buffers;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using TokenBroker.Failures;

namespace TokenBroker.Authentication;

/// <summary>What the JWT handler leaves to us: finding the token, waiting for keys, and refusing JWTs that it would accept.</summary>
internal sealed class CallerEvents(IssuerDirectory issuers) : JwtBearerEvents
{
    private const int LongestWord = 32;
    private static readonly SearchValues<char> WordLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-./_");
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
            // The handler would log an error with its stack for each caller that hangs up.
            context.Fail(Unavailable("The caller hung up while the keys of its issuer were being fetched.", RetryAfter));
            return;
        }

        if (source.Current?.Set is not { } keys)
            context.Fail(Unavailable("The keys of the JWT's issuer are unavailable.", RetryAfter));
        else if (nextQuestion is { } wait)
            context.Fail(Unavailable("The JWT names an unknown key. The keys of its issuer will be fetched again shortly.", wait));
        else if (keys.For(jwt.KeyId, jwt.Algorithm).Count == 0)
            context.Fail(CallerRefusedException.For(CallerRefusedException.BadSignature, keys.Missing(jwt.KeyId, jwt.Algorithm)));
        else
            context.Token = presented.Text;
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        // The text that the library verified and the text that was read before must be the same.
        var presented = PresentedToken.Of(context.HttpContext);
        if (((JsonWebToken)context.SecurityToken).EncodedToken == presented.Text)
            context.HttpContext.Features.Set(Caller.Read(issuers.OfScheme(context.Scheme.Name)!, presented.Jwt!.Claims));
        else
            context.Fail(CallerRefusedException.For(CallerRefusedException.NotValid));
        return Task.CompletedTask;
    }

    // Refuses what the library would accept, and what it would reject without saying which part of the JWT is wrong.
    private Exception? Refusal(PresentedToken presented, string scheme)
    {
        if (presented.Text is null)
            return CallerRefusedException.For(CallerRefusedException.Missing);
        if (presented.Jwt is not { } jwt)
            return CallerRefusedException.For(
                CallerRefusedException.NotValid,
                presented.IsTooLong ? $"it is longer than {PresentedToken.LongestJwt} characters" : "it is not a JWT");
        if (issuers.OfScheme(scheme) is null)
            return CallerRefusedException.For(
                CallerRefusedException.UnknownIssuer,
                issuers.FindAlike(jwt) is { } alike ? $"its iss differs from that of issuer '{alike.Name}' only in letter case" : null);
        if (!SigningKeys.Algorithms.Contains(jwt.Algorithm ?? ""))
            return CallerRefusedException.For(
                CallerRefusedException.BadSignature,
                $"its alg is {Show(jwt.Algorithm)}; accepted are: {string.Join(", ", SigningKeys.Algorithms)}");
        if (jwt.NamesNoKey)
            return CallerRefusedException.For(CallerRefusedException.BadSignature, "its kid is not a string");
        if (jwt.ChangesMeaning)
            return CallerRefusedException.For(CallerRefusedException.NotValid, "its header has 'crit' or 'b64', which are never accepted");
        if (!jwt.IsForBearers)
            return CallerRefusedException.For(CallerRefusedException.NotValid, $"its typ is {Show(jwt.Type)}, so it is not a bearer token");
        if (jwt.IsBoundToKey)
            return CallerRefusedException.For(CallerRefusedException.NotValid, "its cnf binds it to a key, which the broker cannot verify");
        if (jwt.Ambiguity is not null)
            return jwt.Ambiguity;
        return jwt.Audiences is null ? CallerRefusedException.For(CallerRefusedException.WrongAudience) : null;
    }

    private static CallerRefusedException Unavailable(string detail, TimeSpan retryAfter) =>
        new(FailureKinds.IssuerUnavailable.Name, new Failure(FailureKinds.IssuerUnavailable, detail) { RetryAfter = retryAfter });

    // Any client can write anything there.
    private static string Show(string? word) =>
        word is { Length: > 0 and <= LongestWord } && !word.AsSpan().ContainsAnyExcept(WordLetters) ? $"'{word}'" : "missing or malformed";
}
