using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TokenBroker.Failures;

namespace TokenBroker.Caching;

/// <summary>A token that must not be seen, and when it expires.</summary>
public sealed record Secret
{
    /// <summary>Takes a token over from where it was issued or stored, and parses and hashes it once.</summary>
    /// <param name="value">The JSON answer that callers get, with a <c>token</c>; or a bare token for the broker's own use.</param>
    /// <param name="expiresAt">When it expires, by the cache's clock.</param>
    public Secret(string value, DateTimeOffset expiresAt)
    {
        (Value, ExpiresAt) = (value, expiresAt);
        Token = TokenIn(value) ?? value;
        Hash = TokenHash.Of(Token);
    }

    /// <summary>What is stored: JSON for callers, or the bare token.</summary>
    public string Value { get; }

    /// <summary>The bare token.</summary>
    public string Token { get; }

    /// <summary>The hash of the bare token.</summary>
    public TokenHash Hash { get; }

    /// <summary>When it expires, by the cache's clock.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The request that minted it; null if this process did not mint it.</summary>
    public MintReference? Origin { get; init; }

    /// <summary>Says when the secret expires and nothing else, so that no log line or debugger shows it.</summary>
    public override string ToString() => $"a secret until {ExpiresAt:O}";

    private static string? TokenIn(string value)
    {
        if (!value.StartsWith('{'))
            return null;
        var answer = JsonElement.Parse(value);
        return answer.TryGetProperty("token", out var token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null;
    }
}

/// <summary>How GitHub knows the request that minted a secret, so that its records can be matched with ours. Kept in memory only.</summary>
/// <param name="RequestId">GitHub's ID of the request.</param>
/// <param name="CredentialSha256">The SHA-256, in base64, of the credential that minted it; null if GitHub keeps no such record.</param>
public sealed record MintReference(string? RequestId, string? CredentialSha256);

/// <summary>
/// A token's SHA-256 in base64, as GitHub's audit log has it under <c>hashed_token</c>. It identifies the token and reveals nothing: tokens
/// are far too long to be guessed.
/// </summary>
/// <param name="Base64">The hash.</param>
// See https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/identifying-audit-log-events-performed-by-an-access-token
public readonly record struct TokenHash(string Base64)
{
    /// <summary>Hashes a token.</summary>
    public static TokenHash Of(string token) => new(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token))));

    /// <inheritdoc/>
    public override string ToString() => Base64;
}

/// <summary>The cache's answer: a secret, or why there is none.</summary>
public sealed record SecretAnswer
{
    private SecretAnswer()
    {
    }

    /// <summary>The secret; null if there is a failure.</summary>
    public Secret? Secret { get; private init; }

    /// <summary>Why there is no secret.</summary>
    public Failure? Failure { get; private init; }

    /// <summary>Where the secret came from.</summary>
    public SecretSource Source { get; private init; }

    /// <summary>Whether the secret existed already; false if the caller waited for its mint.</summary>
    public bool IsHit => Secret is not null && Source != SecretSource.Mint;

    /// <summary>The time since the secret was minted.</summary>
    public TimeSpan Age { get; private init; }

    internal static SecretAnswer Hit(Secret secret, SecretSource source, TimeSpan age) =>
        new() { Secret = secret, Source = source, Age = age };

    internal static SecretAnswer Minted(Secret secret) => new() { Secret = secret, Source = SecretSource.Mint };

    internal static SecretAnswer Failed(Failure failure) => new() { Failure = failure };
}

/// <summary>Where a secret came from.</summary>
public enum SecretSource
{
    /// <summary>This process's memory.</summary>
    Memory,

    /// <summary>Another replica, through Redis.</summary>
    Redis,

    /// <summary>A mint that the caller waited for.</summary>
    Mint,
}
