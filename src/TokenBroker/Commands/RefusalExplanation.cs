using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Authentication;

namespace TokenBroker.Commands;

/// <summary>Why a JWT is refused, for an operator: what it says and what would do. Callers are told a word of it.</summary>
internal static class RefusalExplanation
{
    // The keys are there, and what names another one may be newer than they are.
    private const string IssuerUnavailable = "issuer-unavailable";
    private static readonly string[] Beginnings = [JwtRegisteredClaimNames.Nbf, JwtRegisteredClaimNames.Iat];

    public static IEnumerable<string> Of(JwtVerification verification, IssuerDirectory issuers, DateTimeOffset now)
    {
        if (verification.Jwt is not { } jwt)
            return ["It is no JWT: three parts in base64url with dots between them, on one line."];
        if (verification.Issuer is not { } issuer)
            return [$"iss is '{jwt.Issuer}', which is no issuer's here. These are:", .. issuers.All.Select(known => $"  {known.Name}: '{IssuerDirectory.NormalIssuer(known.Options)}'")];
        if (issuer.Keys.Current is not { } keys)
            return [$"The keys of issuer '{issuer.Name}' cannot be read from {issuer.Options.Authority ?? issuer.Options.JwksUri}: {issuer.Keys.Fault ?? "no answer in time"}"];
        return CallerRefusedException.From(verification.Failure).Reason switch
        {
            CallerRefusedException.Expired => OfAge(jwt, issuer, now),
            CallerRefusedException.WrongAudience => [$"aud is {(jwt.Audiences is { } audiences ? Quote(audiences) : "neither a text nor a list of texts")}; issuer '{issuer.Name}' wants {Quote(issuer.Options.Audiences)}."],
            CallerRefusedException.UnknownIssuer => [$"iss is '{jwt.Issuer}'; issuer '{issuer.Name}' is '{keys.Issuer}', to the letter."],
            CallerRefusedException.BadSignature or IssuerUnavailable => OfSignature(jwt, issuer, keys.Set),
            _ => OfForm(jwt, verification.Failure, now),
        };
    }

    private static IEnumerable<string> OfAge(UnverifiedJwt jwt, CallerIssuer issuer, DateTimeOffset now)
    {
        if (TokenTimes.Of(jwt.Claims, JwtRegisteredClaimNames.Exp) is { } end && end < now)
            yield return $"It expired at {TokenTimes.Describe(end, now)}.";
        if (issuer.Options.MaximumTokenAge is { } oldest && TokenTimes.Of(jwt.Claims, JwtRegisteredClaimNames.Iat) is { } issued && now - issued > oldest)
            yield return $"It was issued at {TokenTimes.Describe(issued, now)}; MaximumTokenAge of issuer '{issuer.Name}' is {oldest:c}.";
    }

    private static IEnumerable<string> OfSignature(UnverifiedJwt jwt, CallerIssuer issuer, KeySet keys)
    {
        if (!SigningKeys.Algorithms.Contains(jwt.Algorithm ?? ""))
            return [$"alg is '{jwt.Algorithm}'; these are taken: {string.Join(", ", SigningKeys.Algorithms.Order(StringComparer.Ordinal))}."];
        if (jwt.NamesNoKey)
            return [$"kid is no text; the keys of issuer '{issuer.Name}' are {Quote(keys.Keys.Select(key => key.KeyId))}."];
        if (!keys.Decides(jwt.KeyId, jwt.Algorithm))
            return [$"kid is '{jwt.KeyId}', which is no key of issuer '{issuer.Name}'; its keys are {Quote(keys.Keys.Select(key => key.KeyId))}."];
        return keys.For(jwt.KeyId, jwt.Algorithm).Count > 0
            ? [$"No key of issuer '{issuer.Name}' made its signature{(jwt.KeyId is { Length: > 0 } kid ? $" (kid '{kid}')" : "")}: it was signed by somebody else, or changed since."]
            : [$"No key of issuer '{issuer.Name}' is tried: {keys.Missing(jwt.KeyId, jwt.Algorithm)}."];
    }

    private static IEnumerable<string> OfForm(UnverifiedJwt jwt, Exception? failure, DateTimeOffset now)
    {
        foreach (var claim in Beginnings)
        {
            if (failure is SecurityTokenNotYetValidException && TokenTimes.Of(jwt.Claims, claim) is { } time && time > now)
                yield return $"{claim} is {TokenTimes.Describe(time, now)}: the clock here or at the issuer is wrong, or it is not in force yet.";
        }

        if (failure is CallerRefusedException { Cause: { } cause })
            yield return $"Not valid: {cause}.";
        else if (failure is not (null or CallerRefusedException))
            yield return failure.Message;
    }

    private static string Quote(IEnumerable<string?> texts) => texts.Any() ? string.Join(", ", texts.Select(text => $"'{text}'")) : "missing";
}

/// <summary>What the broker's own authentication says to a JWT, with no request around it.</summary>
/// <param name="Jwt">The JWT as it describes itself; null if the text is none.</param>
/// <param name="Issuer">The configured issuer that it claims to be of; null if none.</param>
/// <param name="Caller">Who it is; null if it was refused.</param>
/// <param name="Failure">Why it was refused; null if it was not.</param>
internal sealed record JwtVerification(UnverifiedJwt? Jwt, CallerIssuer? Issuer, Caller? Caller, Exception? Failure)
{
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(10);

    /// <summary>Reads the JWT and believes it.</summary>
    public static JwtVerification Skip(IServiceProvider broker, string text) => Read(broker, Request(broker, text));

    /// <summary>Lets the handlers that serve decide, with the issuer's keys from where they are.</summary>
    public static async Task<JwtVerification> RunAsync(IServiceProvider broker, string text, CancellationToken cancellationToken)
    {
        await using var services = broker.CreateAsyncScope();
        var request = Request(services.ServiceProvider, text);
        var read = Read(broker, request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = read.Issuer?.Keys.KeepAsync(stop.Token) ?? Task.CompletedTask;
        try
        {
            // Well or badly, or not in time: the handler takes what is there by then.
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

    private static DefaultHttpContext Request(IServiceProvider services, string text)
    {
        var request = new DefaultHttpContext { RequestServices = services };
        request.Request.Headers.Authorization = "Bearer " + text;
        return request;
    }
}

/// <summary>The times of a JWT, in words.</summary>
internal static class TokenTimes
{
    /// <summary>The claim's time; null where it is missing or none.</summary>
    public static DateTimeOffset? Of(JsonElement claims, string claim)
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

    /// <summary>When, and how far from now.</summary>
    public static string Describe(DateTimeOffset time, DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC ({(time < now ? $"{Describe(now - time)} ago" : $"in {Describe(time - now)}")})");

    private static string Describe(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} seconds"),
    };
}
