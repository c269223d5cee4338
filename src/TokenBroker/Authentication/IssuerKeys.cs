namespace TokenBroker.Authentication;

/// <summary>Where one issuer's keys come from.</summary>
internal abstract class IssuerKeys
{
    /// <summary>The last good keys; null if there never were any, or none for a day.</summary>
    public abstract KeySnapshot? Current { get; }

    /// <summary>Why the keys could not be read the last time; null if they could.</summary>
    public virtual string? Fault => null;

    /// <summary>Ends when the keys were tried to be read for the first time, well or badly.</summary>
    public abstract Task FirstRead { get; }

    /// <summary>
    /// Gives keys that may be on their way a moment to arrive, before a JWT that names this key is validated. Where they still lack it and
    /// it may be newer than they are, says how long until they are asked for again; otherwise null, and what there is decides.
    /// </summary>
    public abstract Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation);

    /// <summary>Keeps the keys up to date until the process stops.</summary>
    public abstract Task KeepAsync(CancellationToken stopping);
}
