using System.Diagnostics.CodeAnalysis;

namespace TokenBroker.Configuration;

/// <summary>The addresses that the configuration may name.</summary>
internal static class WebAddress
{
    /// <summary>Reads an absolute http or https address that carries no credential, query or fragment.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address)
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
        && address is { UserInfo: "", Query: "", Fragment: "" };
}
