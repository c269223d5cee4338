namespace TokenBroker.Hosting;

/// <summary>Section <c>ForwardedHeaders</c>: whose word on a caller's address, host and scheme is taken. Default: nobody's.</summary>
public sealed class ForwardingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "ForwardedHeaders";

    /// <summary>Addresses of proxies, such as <c>10.0.7.5</c>, without zeros before its numbers. Default: none.</summary>
    public List<string> KnownProxies { get; init; } = [];

    /// <summary>Networks of proxies, such as <c>10.0.7.0/24</c>: whatever runs in one can say where its requests come from. Default: none.</summary>
    public List<string> KnownNetworks { get; init; } = [];

    /// <summary>How many proxies stand one behind the other before the broker, 1 to 10; what more of them say is not believed. Default: 1.</summary>
    public int ForwardLimit { get; init; } = 1;
}
