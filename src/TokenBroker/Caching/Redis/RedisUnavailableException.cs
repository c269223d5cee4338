namespace TokenBroker.Caching.Redis;

/// <summary>Redis cannot help just now; whoever asked goes on without it.</summary>
internal sealed class RedisUnavailableException(string message) : Exception(message);
