namespace TokenBroker.Caching.Redis;

/// <summary>What of the configuration concerns how Redis is used.</summary>
/// <param name="KeyPrefix">What every key begins with.</param>
/// <param name="CaCertificatePath">A PEM file of certificate authorities; null for the system's.</param>
internal sealed record RedisSettings(string KeyPrefix, string? CaCertificatePath);
