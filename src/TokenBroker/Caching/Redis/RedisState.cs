namespace TokenBroker.Caching.Redis;

/// <summary>Redis as an operator would find it.</summary>
/// <param name="Servers">Where it is.</param>
/// <param name="IsEncrypted">Whether the connection is TLS.</param>
/// <param name="IsSentinel">Whether what is there are sentinels.</param>
internal sealed record RedisState(string Servers, bool IsEncrypted, bool IsSentinel)
{
    /// <summary>What keeps the broker from using it at all.</summary>
    public RedisFault Fault { get; init; }

    /// <summary>The first word of the refusal, where Redis said one: <c>READONLY</c>, <c>OOM</c>.</summary>
    public string? Refusal { get; init; }

    /// <summary>The commands that the user lacks, where it can run scripts.</summary>
    public IReadOnlyList<string> RefusedCommands { get; init; } = [];

    /// <summary>Its version; null where it does not say.</summary>
    public Version? Version { get; init; }

    /// <summary>How long it took to answer.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>How many tokens of brokers with this prefix were looked at.</summary>
    public int Tokens { get; init; }

    /// <summary>How many of them none of the keys decrypts.</summary>
    public int UnreadableTokens { get; init; }
}
