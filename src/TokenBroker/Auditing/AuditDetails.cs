using TokenBroker.Caching;

namespace TokenBroker.Auditing;

/// <summary>What is learned of a request on its way, for its audit event.</summary>
internal sealed class AuditDetails
{
    public string? Operation { get; set; }

    public string? Scope { get; set; }

    /// <summary>The policies that allow it.</summary>
    public IReadOnlyList<string> Policies { get; set; } = [];

    /// <summary>Why no policy allows it, in a word.</summary>
    public string? PolicyReason { get; set; }

    /// <summary>Where a token came from: cache or minted.</summary>
    public string? Source { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>What was handed out: a token or a just-in-time configuration.</summary>
    public TokenHash? Token { get; set; }

    /// <summary>How GitHub knows the request that was made for this one.</summary>
    public MintTrace? Mint { get; set; }

    public long? RunnerId { get; set; }

    public string? RunnerName { get; set; }

    /// <summary>Notes the token that is handed out.</summary>
    public void RecordToken(Secret secret, TokenHash hash, bool isHit)
    {
        Source = isHit ? "cache" : "minted";
        ExpiresAt = secret.ExpiresAt;
        Token = hash;
        Mint = isHit ? null : secret.Origin;
    }
}
