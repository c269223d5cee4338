using TokenBroker.Failures;

namespace TokenBroker.Caching;

/// <summary>What the cache has to say: a secret, or why there is none.</summary>
public sealed record SecretAnswer
{
    private SecretAnswer()
    {
    }

    /// <summary>The secret; null where there is a failure.</summary>
    public Secret? Secret { get; private init; }

    /// <summary>Why there is no secret.</summary>
    public Failure? Failure { get; private init; }

    /// <summary>Where the secret was.</summary>
    public SecretSource Source { get; private init; }

    /// <summary>Whether the secret was there already; false where the caller waited for it to be made.</summary>
    public bool IsHit => Secret is not null && Source != SecretSource.Mint;

    /// <summary>How long ago the secret was made.</summary>
    public TimeSpan Age { get; private init; }

    internal static SecretAnswer Hit(Secret secret, SecretSource source, TimeSpan age) => new() { Secret = secret, Source = source, Age = age };

    internal static SecretAnswer Made(Secret secret) => new() { Secret = secret, Source = SecretSource.Mint };

    internal static SecretAnswer Failed(Failure failure) => new() { Failure = failure };
}
