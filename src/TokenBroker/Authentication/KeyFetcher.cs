using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using TokenBroker.Configuration;
using TokenBroker.Failures;

namespace TokenBroker.Authentication;

/// <summary>Fetches one issuer's keys, with its own HTTP client so that an issuer that does not answer delays no other.</summary>
internal sealed class KeyFetcher : IDisposable
{
    /// <summary>The path of the discovery document below the authority.</summary>
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    private const int LargestDocument = 256 * 1024;

    private readonly IssuerOptions issuer;
    private readonly TimeProvider clock;
    private readonly HttpClient http;

    public KeyFetcher(IssuerOptions issuer, TimeProvider clock)
    {
        this.issuer = issuer;
        this.clock = clock;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (CertificateAuthorities.Trust(issuer.CaCertificatePath) is { } trust)
            handler.SslOptions = trust;

        // The caller sets the deadline, which covers discovery and keys together.
        http = new HttpClient(handler) { MaxResponseContentBufferSize = LargestDocument, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The first address that is requested.</summary>
    public Uri Address => new(issuer.JwksUri is { Length: > 0 } keys ? keys : issuer.Authority!);

    /// <summary>Fetches discovery and keys, or the keys alone. The messages of its exceptions never quote the answer.</summary>
    public async Task<KeySnapshot> FetchAsync(CancellationToken cancellation)
    {
        var askedAt = clock.GetTimestamp();
        if (issuer.JwksUri is { Length: > 0 } address)
            return new KeySnapshot(issuer.Issuer!, await GetKeysAsync(address, cancellation), askedAt);

        var authority = issuer.Authority!.TrimEnd('/');
        var discovered = ParseDiscovery(await GetDocumentAsync(authority + DiscoveryPath, cancellation));

        // See https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
        if (string.IsNullOrEmpty(issuer.Issuer) && discovered.Issuer?.TrimEnd('/') is var named && named != authority)
        {
            throw new WrongIssuerException(string.Equals(named, authority, StringComparison.OrdinalIgnoreCase)
                ? $"its discovery document names '{discovered.Issuer}', which differs from its Authority only in letter case; "
                    + "write the Authority exactly as the issuer does"
                : "its discovery document names an issuer other than its Authority; if that is intended, set Issuer as well");
        }

        var keysAddress = discovered.JwksUri ?? throw new FormatException("its discovery document has no jwks_uri");
        var keys = await GetKeysAsync(keysAddress, cancellation);
        return new KeySnapshot(issuer.Issuer is { Length: > 0 } configured ? configured : discovered.Issuer!, keys, askedAt);
    }

    /// <summary>Describes a failed fetch in one line for the log.</summary>
    public string Describe(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => HttpFault.Describe(exception, Address),
        HttpRequestException or FormatException or JsonException => exception.Message,
        _ when SecretFile.IsUnreadable(exception) => exception.Message,
        _ => $"its answer cannot be read ({exception.GetType().Name})",
    };

    public void Dispose() => http.Dispose();

    private async Task<KeySet> GetKeysAsync(string address, CancellationToken cancellation)
    {
        var document = await GetDocumentAsync(address, cancellation);
        try
        {
            return SigningKeys.Parse(document);
        }
        catch (FormatException exception)
        {
            throw new FormatException("its answer for its keys " + exception.Message);
        }
    }

    private static OpenIdConnectConfiguration ParseDiscovery(string document)
    {
        try
        {
            return OpenIdConnectConfiguration.Create(document);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new FormatException("its answer is not a discovery document: a member has the wrong type");
        }
    }

    private async Task<string> GetDocumentAsync(string address, CancellationToken cancellation)
    {
        if (!WebAddress.TryParse(address, out var uri) || (issuer.RequireHttpsMetadata && uri.Scheme != Uri.UriSchemeHttps))
            throw new FormatException("the address of its keys is not https");

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

        // Without this type, a Kubernetes API server answers 406.
        // See https://www.iana.org/assignments/media-types/application/jwk-set+json
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/jwk-set+json"));
        var sendsToken = issuer.BackchannelTokenPath is { Length: > 0 } && IsConfigured(uri);
        if (sendsToken)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SecretFile.Read(issuer.BackchannelTokenPath!));
        using var response = await SendAsync(request, cancellation);
        return response.IsSuccessStatusCode ? await ReadAsync(response.Content, cancellation) : throw Refused(response, uri, sendsToken);
    }

    // A parser's message quotes its input, which may be anything, such as a login page with a session id. So that message is dropped.
    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        try
        {
            var text = await content.ReadAsStringAsync(cancellation);
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object
                ? text
                : throw new FormatException("its answer is not a JSON object");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new JsonException("its answer is not JSON");
        }
    }

    // Discovery can name any address; the token is sent only to the origin that the configuration names.
    private bool IsConfigured(Uri address) => OriginOf(address) == OriginOf(Address);

    private string DescribeWithheldToken(Uri address) => issuer.BackchannelTokenPath is { Length: > 0 }
        ? $" at {OriginOf(address)}, which its discovery document names and the configuration does not: "
            + "the token of BackchannelTokenPath is not sent there. To send it, set JwksUri to that address instead of Authority"
        : "";

    private static string OriginOf(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, cancellation);
        }
        catch (HttpRequestException exception)
        {
            // Its message may contain a proxy's password, so only the inner exception is kept.
            throw new HttpRequestException(
                exception.HttpRequestError,
                HttpFault.Describe(exception, request.RequestUri!),
                exception.InnerException,
                exception.StatusCode);
        }
    }

    private HttpRequestException Refused(HttpResponseMessage response, Uri address, bool sentToken)
    {
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
            return HttpFault.ByProxy(response.StatusCode, address);
        var withheld = sentToken ? "" : DescribeWithheldToken(address);
        var target = (int)response.StatusCode is >= 300 and < 400
            ? $"{(withheld.Length > 0 ? ". It" : " and")} redirects to {HttpFault.TargetOf(response.Headers.Location, address)}, "
                + "which is not followed: set Authority, or JwksUri and Issuer, to the final address"
            : "";
        return new HttpRequestException($"it answers {(int)response.StatusCode}{withheld}{target}", inner: null, response.StatusCode);
    }
}

/// <summary>An issuer's discovery document names a different issuer than the one that was asked.</summary>
internal sealed class WrongIssuerException(string message) : FormatException(message);
