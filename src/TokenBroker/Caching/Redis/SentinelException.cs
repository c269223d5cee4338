namespace TokenBroker.Caching.Redis;

/// <summary>The sentinels do not lead to a master.</summary>
internal sealed class SentinelException(RedisFault fault) : Exception("The sentinels name no master that can be used.")
{
    /// <summary>What is wrong with them.</summary>
    public RedisFault Fault => fault;
}
