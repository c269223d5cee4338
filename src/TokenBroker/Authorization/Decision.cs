namespace TokenBroker.Authorization;

/// <summary>What the policies say to one request.</summary>
/// <param name="Policies">All that allow it; each by itself is enough, and they are never added together.</param>
/// <param name="Reason">Why none does, for the log and never for the caller.</param>
public sealed record Decision(IReadOnlyList<Policy> Policies, DenialReason Reason)
{
    /// <summary>Whether the request may go on.</summary>
    public bool IsAllowed => Policies.Count > 0;

    /// <summary>The least life of a token that the caller gets: the longest that one of them asks for; null if none does.</summary>
    public TimeSpan? MinimumRemainingLifetime => Policies.Max(policy => policy.MinimumRemainingLifetime);

    /// <summary>Whether one of the policies counts what it gives.</summary>
    public bool IsCounted => Policies.Any(policy => policy.Grants is not null);

    /// <summary>The names of the policies that allow it.</summary>
    public string Names => string.Join(", ", Policies.Select(policy => policy.Name));
}
