using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using TokenBroker.Configuration;
using TokenBroker.Failures;

namespace TokenBroker.Authentication;

/// <summary>Fetches one issuer's keys, by a client of its own so that an issuer that swallows packets holds up no other.</summary>
internal sealed class KeyFetcher : IDisposable
{
    /// <summary>Where discovery is, below the authority.</summary>
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    private const int LargestDocument = 256 * 1024;

    private readonly IssuerOptions issuer;
    private readonly TimeProvider clock;
    private readonly HttpClient http;

    public KeyFetcher(IssuerOptions issuer, TimeProvider clock)
    {
        this.issuer = issuer;
        this.clock = clock;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (CertificateAuthorities.Trust(issuer.CaCertificatePath) is { } trust)
            handler.SslOptions = trust;

        // The deadline is the caller's: it holds for discovery and keys together.
        http = new HttpClient(handler) { MaxResponseContentBufferSize = LargestDocument, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>What is asked first.</summary>
    public Uri Address => new(issuer.JwksUri is { Length: > 0 } keys ? keys : issuer.Authority!);

    /// <summary>Fetches discovery and keys, or the keys alone. Throws whatever is wrong with them, in words that quote nothing of the answer.</summary>
    public async Task<KeySnapshot> FetchAsync(CancellationToken cancellation)
    {
        var askedAt = clock.GetTimestamp();
        if (issuer.JwksUri is { Length: > 0 } address)
            return new KeySnapshot(issuer.Issuer!, await GetKeysAsync(address, cancellation), askedAt);

        var authority = issuer.Authority!.TrimEnd('/');
        var discovered = Discovered(await GetDocumentAsync(authority + DiscoveryPath, cancellation));

        // See https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
        if (string.IsNullOrEmpty(issuer.Issuer) && discovered.Issuer?.TrimEnd('/') is var named && named != authority)
        {
            throw new WrongIssuerException(string.Equals(named, authority, StringComparison.OrdinalIgnoreCase)
                ? $"its discovery document names '{discovered.Issuer}', which differs from its Authority by the case of letters alone; write the Authority as the issuer writes itself"
                : "its discovery document names another issuer than its Authority; if that is meant, set Issuer beside it");
        }

        var keys = await GetKeysAsync(discovered.JwksUri ?? throw new FormatException("its discovery document names no jwks_uri"), cancellation);
        return new KeySnapshot(issuer.Issuer is { Length: > 0 } configured ? configured : discovered.Issuer!, keys, askedAt);
    }

    /// <summary>What a fetch ended in, in one line for the log.</summary>
    public string Describe(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => HttpFault.Describe(exception, Address),
        HttpRequestException or FormatException or JsonException => exception.Message,
        _ when SecretFile.IsUnreadable(exception) => exception.Message,
        _ => $"what it answers cannot be read ({exception.GetType().Name})",
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
            throw new FormatException("what it answers for its keys " + exception.Message);
        }
    }

    private static OpenIdConnectConfiguration Discovered(string document)
    {
        try
        {
            return OpenIdConnectConfiguration.Create(document);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or FormatException or InvalidOperationException)
        {
            throw new FormatException("what it answers is no discovery document: a member is not of its kind");
        }
    }

    private async Task<string> GetDocumentAsync(string address, CancellationToken cancellation)
    {
        if (!WebAddress.TryParse(address, out var uri) || (issuer.RequireHttpsMetadata && uri.Scheme != Uri.UriSchemeHttps))
            throw new FormatException("the address of its keys is not https");

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

        // A Kubernetes API server answers 406 for its keys without it.
        // See https://www.iana.org/assignments/media-types/application/jwk-set+json
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/jwk-set+json"));
        var isShownToken = issuer.BackchannelTokenPath is { Length: > 0 } && IsNamed(uri);
        if (isShownToken)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SecretFile.Read(issuer.BackchannelTokenPath!));
        using var response = await SendAsync(request, cancellation);
        return response.IsSuccessStatusCode ? await ReadAsync(response.Content, cancellation) : throw Refused(response, uri, isShownToken);
    }

    // A parser's own words quote what it read, which is whatever answers there: a log-in page, with its session. So they are not carried along.
    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        try
        {
            var text = await content.ReadAsStringAsync(cancellation);
            return JsonElement.Parse(text).ValueKind == JsonValueKind.Object ? text : throw new FormatException("what it answers is no JSON object");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new JsonException("what it answers is not JSON");
        }
    }

    // Discovery may lead anywhere; the token is shown to those alone whom the configuration names.
    private bool IsNamed(Uri address) => OriginOf(address) == OriginOf(Address);

    private string Unshown(Uri address) => issuer.BackchannelTokenPath is { Length: > 0 }
        ? $" at {OriginOf(address)}, which its discovery names and the configuration does not: it is not shown the token of BackchannelTokenPath. If it is to be, name it as JwksUri in place of Authority"
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
            // Its own message may hold a proxy's password, so only what is below it is carried along.
            throw new HttpRequestException(exception.HttpRequestError, HttpFault.Describe(exception, request.RequestUri!), exception.InnerException, exception.StatusCode);
        }
    }

    private HttpRequestException Refused(HttpResponseMessage response, Uri address, bool isShownToken)
    {
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
            return HttpFault.ByProxy(response.StatusCode, address);
        var unshown = isShownToken ? "" : Unshown(address);
        var target = (int)response.StatusCode is >= 300 and < 400
            ? $"{(unshown.Length > 0 ? ". It" : " and")} leads to {HttpFault.TargetOf(response.Headers.Location, address)}, which is not followed: set Authority, or JwksUri and Issuer, to where the answer is"
            : "";
        return new HttpRequestException($"it answers {(int)response.StatusCode}{unshown}{target}", inner: null, response.StatusCode);
    }
}

/// <summary>An issuer's discovery document names another issuer than the one that was asked.</summary>
internal sealed class WrongIssuerException(string message) : FormatException(message);
