namespace TokenBroker.Caching.Redis;

/// <summary>What a replica finds when it comes to mint.</summary>
/// <param name="IsTaken">Whether it has the lock now.</param>
/// <param name="Lock">What the lock says.</param>
/// <param name="LockExpires">Whether the lock ends by itself.</param>
/// <param name="State">What is there.</param>
internal sealed record RedisEntry(bool IsTaken, string? Lock, bool LockExpires, SharedState State);
