namespace TokenBroker.Caching;

/// <summary>A value that must not be seen, and when it ends. The cache neither knows nor cares what it is.</summary>
/// <param name="Value">The secret itself.</param>
/// <param name="ExpiresAt">When it is worth nothing any more, on the cache's clock.</param>
public sealed record Secret(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>How whoever made it knows its making; null for one that was not made in this process.</summary>
    public MintTrace? Origin { get; init; }

    /// <summary>Says when the secret ends and nothing else, so that no log line or debugger shows it.</summary>
    public override string ToString() => $"a secret until {ExpiresAt:O}";
}
