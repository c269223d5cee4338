using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>What policies look at in a caller.</summary>
/// <param name="Issuer">The name of the issuer whose signature was verified.</param>
/// <param name="Payload">The verified payload of the caller's JWT.</param>
/// <param name="Now">The time by which ages of claims are told.</param>
public sealed record CallerClaims(string Issuer, JsonElement Payload, DateTimeOffset Now)
{
    internal static CallerClaims Of(Caller caller, TimeProvider clock) => new(caller.Issuer, caller.Claims, clock.GetUtcNow());
}
