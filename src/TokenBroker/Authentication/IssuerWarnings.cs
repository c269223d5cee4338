using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>What is allowed and unwise about issuers.</summary>
internal static class IssuerWarnings
{
    /// <summary>What is unwise about the issuers.</summary>
    public static IEnumerable<ConfigurationWarning> Find(IssuerListOptions callers) =>
        from entry in callers.Issuers
        from address in new[] { (Key: "Authority", Value: entry.Value.Authority), (Key: "JwksUri", Value: entry.Value.JwksUri) }
        where WebAddress.TryParse(address.Value, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback
        select new ConfigurationWarning(
            $"{IssuerListOptions.Section}:Issuers:{entry.Key}:{address.Key}", "its keys come by plain http; whoever is on the way can sign as any caller");
}
