using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>A JWT as one platform signs it, and those that are easily taken for it.</summary>
/// <param name="Name">What tests call it.</param>
/// <param name="Heading">Where docs/callers.md has its configuration.</param>
/// <param name="Issuer">The exact <c>iss</c>.</param>
/// <param name="Path">What its policy lets it have.</param>
/// <param name="CallerId">Who it is to the broker.</param>
/// <param name="Claims">The payload, given the time that it is signed at. A null takes away what the sandbox's issuer would add.</param>
/// <param name="NearMisses">What must be refused.</param>
internal sealed record Platform(
    string Name,
    string Heading,
    string Issuer,
    string Path,
    string CallerId,
    Func<long, JsonObject> Claims,
    IReadOnlyList<NearMiss> NearMisses)
{
    /// <summary>What the platform signs with.</summary>
    public string Algorithm { get; init; } = SandboxSigningKey.Rs256;

    /// <summary>What its header calls the token.</summary>
    public string Type { get; init; } = "JWT";

    public override string ToString() => Name;
}

/// <summary>A JWT that differs from the right one where it matters.</summary>
/// <param name="Why">Whose it is.</param>
/// <param name="Change">What is different in its payload.</param>
/// <param name="Detail">Why it is refused with 401; null where a policy refuses it, with 403.</param>
internal sealed record NearMiss(string Why, Action<JsonObject> Change, string? Detail = null)
{
    /// <summary>Whether a key signs that the issuer does not have, under the name of one that it has.</summary>
    public bool IsByAnotherKey { get; init; }

    public static NearMiss AnotherAudience(string audience) =>
        new("another audience", claims => claims["aud"] = audience, AuthenticationAssertions.WrongAudience);

    public static NearMiss TooOld(int seconds) =>
        new("too old", claims => claims["iat"] = (long)claims["iat"]! - seconds, AuthenticationAssertions.Expired);
}
