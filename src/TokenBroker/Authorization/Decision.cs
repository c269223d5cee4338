namespace TokenBroker.Authorization;

/// <summary>What the policies say to one request.</summary>
/// <param name="Policy">The name of a policy that allows it; null if none does.</param>
/// <param name="Reason">Why none does, for the log and never for the caller.</param>
public sealed record Decision(string? Policy, DenialReason Reason)
{
    /// <summary>Whether the request may go on.</summary>
    public bool IsAllowed => Policy is not null;
}
