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

    public static IEnumerable<string> Of(Verification verification, IssuerDirectory issuers, DateTimeOffset now)
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
