using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Sandbox.Issuer;

/// <summary>
/// Puts a token together from a header and a payload of any JSON. The usual handler would not do: it knows what claims look like,
/// and tests need those that look different.
/// </summary>
internal static class CompactToken
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Unsigned(JsonObject header, JsonObject payload) => $"{Encode(header)}.{Encode(payload)}";

    public static string Sign(JsonObject header, JsonObject payload, SigningCredentials credentials)
    {
        // The library's own cache of providers is shared by the whole process; parallel tests must not share it.
        var factory = new CryptoProviderFactory { CacheSignatureProviders = false };
        var provider = factory.CreateForSigning(credentials.Key, credentials.Algorithm);
        try
        {
            var content = Unsigned(header, payload);
            return $"{content}.{Base64UrlEncoder.Encode(provider.Sign(Encoding.ASCII.GetBytes(content)))}";
        }
        finally
        {
            factory.ReleaseSignatureProvider(provider);
        }
    }

    private static string Encode(JsonObject json) => Base64UrlEncoder.Encode(json.ToJsonString(Plain));
}
