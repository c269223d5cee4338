namespace TokenBroker.Caching;

/// <summary>Where a secret came from.</summary>
public enum SecretSource
{
    /// <summary>It was in this process' memory.</summary>
    Memory,

    /// <summary>Another replica had made it.</summary>
    Redis,

    /// <summary>It was made while the caller waited.</summary>
    Mint,
}
