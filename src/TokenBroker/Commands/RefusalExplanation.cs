using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Authentication;

namespace TokenBroker.Commands;

/// <summary>
/// Why a JWT is refused, in full: what it contains, and what would be accepted. For operators; callers are told only the reason.
/// </summary>
internal static class RefusalExplanation
{
    // Here the keys are known, but the JWT may name a newer one.
    private const string IssuerUnavailable = "issuer-unavailable";
    private static readonly string[] StartClaims = [JwtRegisteredClaimNames.Nbf, JwtRegisteredClaimNames.Iat];

    public static IEnumerable<string> Explain(JwtVerification verification, IssuerDirectory issuers, DateTimeOffset now)
    {
        if (verification.Jwt is not { } jwt)
            return ["It is not a JWT, which is three base64url parts separated by dots, on one line."];
        if (verification.Issuer is not { } issuer)
        {
            return
            [
                $"iss is '{jwt.Issuer}', which is not a configured issuer. The configured issuers are:",
                .. issuers.All.Select(known => $"  {known.Name}: '{IssuerDirectory.NormalIssuer(known.Options)}'"),
            ];
        }

        if (issuer.Keys.Current is not { } keys)
        {
            var address = issuer.Options.Authority ?? issuer.Options.JwksUri;
            return [$"The keys of issuer '{issuer.Name}' cannot be read from {address}: {issuer.Keys.Fault ?? "no answer in time"}"];
        }

        return CallerRefusedException.From(verification.Failure).Reason switch
        {
            CallerRefusedException.Expired => ExplainAge(jwt, issuer, now),
            CallerRefusedException.WrongAudience => [ExplainAudience(jwt, issuer)],
            CallerRefusedException.UnknownIssuer => [$"iss is '{jwt.Issuer}'; issuer '{issuer.Name}' requires exactly '{keys.Issuer}'."],
            CallerRefusedException.BadSignature or IssuerUnavailable => [ExplainSignature(jwt, issuer, keys.Set)],
            _ => ExplainContent(jwt, verification.Failure, now),
        };
    }

    private static IEnumerable<string> ExplainAge(UnverifiedJwt jwt, CallerIssuer issuer, DateTimeOffset now)
    {
        if (TokenTimes.Read(jwt.Claims, JwtRegisteredClaimNames.Exp) is { } end && end < now)
            yield return $"It expired at {TokenTimes.Describe(end, now)}.";
        if (issuer.Options.MaximumTokenAge is { } oldest
            && TokenTimes.Read(jwt.Claims, JwtRegisteredClaimNames.Iat) is { } issued
            && now - issued > oldest)
            yield return $"It was issued at {TokenTimes.Describe(issued, now)}; MaximumTokenAge of issuer '{issuer.Name}' is {oldest:c}.";
    }

    private static string ExplainAudience(UnverifiedJwt jwt, CallerIssuer issuer)
    {
        var found = jwt.Audiences is { } audiences ? Quote(audiences) : "neither a string nor a list of strings";
        return $"aud is {found}; issuer '{issuer.Name}' accepts {Quote(issuer.Options.Audiences)}.";
    }

    private static string ExplainSignature(UnverifiedJwt jwt, CallerIssuer issuer, KeySet keys)
    {
        if (!SigningKeys.Algorithms.Contains(jwt.Algorithm ?? ""))
            return $"alg is '{jwt.Algorithm}'; accepted: {string.Join(", ", SigningKeys.Algorithms.Order(StringComparer.Ordinal))}.";
        var known = Quote(keys.Keys.Select(key => key.KeyId));
        if (jwt.NamesNoKey)
            return $"kid is not a string; the keys of issuer '{issuer.Name}' are {known}.";
        if (!keys.Decides(jwt.KeyId, jwt.Algorithm))
            return $"kid is '{jwt.KeyId}', which is not a key of issuer '{issuer.Name}'; its keys are {known}.";
        if (keys.For(jwt.KeyId, jwt.Algorithm).Count == 0)
            return $"No key of issuer '{issuer.Name}' is tried: {keys.Missing(jwt.KeyId, jwt.Algorithm)}.";
        var named = jwt.KeyId is { Length: > 0 } kid ? $" (kid '{kid}')" : "";
        return $"No key of issuer '{issuer.Name}' made its signature{named}: someone else signed it, or it was changed since.";
    }

    private static IEnumerable<string> ExplainContent(UnverifiedJwt jwt, Exception? failure, DateTimeOffset now)
    {
        foreach (var claim in StartClaims)
        {
            if (failure is SecurityTokenNotYetValidException && TokenTimes.Read(jwt.Claims, claim) is { } time && time > now)
            {
                yield return $"{claim} is {TokenTimes.Describe(time, now)}: the JWT is not valid yet, or this machine's or the issuer's "
                    + "clock is wrong.";
            }
        }

        if (failure is CallerRefusedException { Cause: { } cause })
            yield return $"Not valid: {cause}.";
        else if (failure is not (null or CallerRefusedException))
            yield return failure.Message;
    }

    private static string Quote(IEnumerable<string?> texts) =>
        texts.Any() ? string.Join(", ", texts.Select(text => $"'{text}'")) : "missing";
}

/// <summary>How the broker's own authentication judges a JWT, without a request.</summary>
/// <param name="Jwt">The JWT's own, unverified content; null if the text is not a JWT.</param>
/// <param name="Issuer">The configured issuer that it claims to be from; null if there is none.</param>
/// <param name="Caller">The caller; null if the JWT was refused.</param>
/// <param name="Failure">Why it was refused; null if it was not.</param>
internal sealed record JwtVerification(UnverifiedJwt? Jwt, CallerIssuer? Issuer, Caller? Caller, Exception? Failure)
{
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(10);

    /// <summary>Reads the JWT without verifying it.</summary>
    public static JwtVerification Skip(IServiceProvider broker, string text) => Read(broker, CreateRequest(broker, text));

    /// <summary>Verifies the JWT by the handlers that serve requests, with the issuer's current keys.</summary>
    public static async Task<JwtVerification> RunAsync(IServiceProvider broker, string text, CancellationToken cancellationToken)
    {
        await using var services = broker.CreateAsyncScope();
        var request = CreateRequest(services.ServiceProvider, text);
        var read = Read(broker, request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = read.Issuer?.Keys.KeepAsync(stop.Token) ?? Task.CompletedTask;
        try
        {
            // Whether or not the fetch succeeds in time, the handler decides with the keys that are there.
            if (read.Issuer is { } issuer)
                await Task.WhenAny(issuer.Keys.FirstRead, Task.Delay(LongestFetch, TimeProvider.System, stop.Token));
            cancellationToken.ThrowIfCancellationRequested();
            var result = await request.AuthenticateAsync(CallerSchemes.Default);
            return read with { Caller = result.Succeeded ? Caller.Of(request) : null, Failure = result.Failure };
        }
        finally
        {
            await stop.CancelAsync();
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static JwtVerification Read(IServiceProvider broker, HttpContext request)
    {
        var jwt = PresentedToken.Of(request).Jwt;
        return new JwtVerification(jwt, broker.GetRequiredService<IssuerDirectory>().Find(jwt), Caller: null, Failure: null);
    }

    private static DefaultHttpContext CreateRequest(IServiceProvider services, string text)
    {
        var request = new DefaultHttpContext { RequestServices = services };
        request.Request.Headers.Authorization = "Bearer " + text;
        return request;
    }
}

/// <summary>Reads and describes the times in a JWT.</summary>
internal static class TokenTimes
{
    /// <summary>Null if the claim is missing or is not a time.</summary>
    public static DateTimeOffset? Read(JsonElement claims, string claim)
    {
        try
        {
            return TokenLifetime.TimeOf(claims, claim);
        }
        catch (SecurityTokenInvalidLifetimeException)
        {
            return null;
        }
    }

    /// <summary>Shows the time, and how far it is from now.</summary>
    public static string Describe(DateTimeOffset time, DateTimeOffset now)
    {
        var distance = time < now ? $"{Describe(now - time)} ago" : $"in {Describe(time - now)}";
        return string.Create(CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC ({distance})");
    }

    private static string Describe(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} seconds"),
    };
}
