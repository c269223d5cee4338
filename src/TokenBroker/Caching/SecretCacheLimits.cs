namespace TokenBroker.Caching;

/// <summary>The bounds of a <see cref="SecretCache"/>.</summary>
/// <param name="MinimumRemainingLifetime">The least life a secret has left when it is handed out, unless no better one can be had.</param>
/// <param name="RefreshAhead">How long before that a refresh starts in the background.</param>
public sealed record SecretCacheLimits(TimeSpan MinimumRemainingLifetime, TimeSpan RefreshAhead)
{
    /// <summary>How many keys are kept.</summary>
    public required int Capacity { get; init; }

    /// <summary>How long a mint may take. Default 14.5 s, so that who waited for it is answered within 15.</summary>
    public TimeSpan MintDeadline { get; init; } = TimeSpan.FromSeconds(14.5);

    /// <summary>When a key is forgotten whatever it holds. Default 2 hours, longer than any token of GitHub's lives.</summary>
    public TimeSpan LongestMemory { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The life left below which the next request starts a refresh.</summary>
    public TimeSpan RefreshWindow => MinimumRemainingLifetime + RefreshAhead;
}
