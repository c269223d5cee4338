namespace TokenBroker.Hosting;

/// <summary>Section <c>ForwardedHeaders</c>: whose word on a caller's address, host and scheme is taken. Default: nobody's.</summary>
public sealed class ForwardingOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "ForwardedHeaders";

    /// <summary>Addresses of proxies. Default: none.</summary>
    public List<string> KnownProxies { get; init; } = [];

    /// <summary>Networks of proxies, such as <c>10.0.0.0/8</c>. Default: none.</summary>
    public List<string> KnownNetworks { get; init; } = [];
}
