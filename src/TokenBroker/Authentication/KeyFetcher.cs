using System.Net;
using System.Net.Http.Headers;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using TokenBroker.Hosting;

namespace TokenBroker.Authentication;

/// <summary>Fetches one issuer's keys, by a client of its own so that an issuer that swallows packets holds up no other.</summary>
internal sealed class KeyFetcher : IDocumentRetriever, IDisposable
{
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

    /// <summary>Fetches discovery and keys, or the keys alone. Throws whatever is wrong with them.</summary>
    public async Task<KeySnapshot> FetchAsync(CancellationToken cancellation)
    {
        var askedAt = clock.GetTimestamp();
        if (issuer.JwksUri is { Length: > 0 } address)
            return new KeySnapshot(issuer.Issuer!, SigningKeys.Parse(await GetDocumentAsync(address, cancellation)), askedAt);

        var authority = issuer.Authority!.TrimEnd('/');
        var discovered = await OpenIdConnectConfigurationRetriever.GetAsync(authority + "/.well-known/openid-configuration", this, cancellation);

        // See https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
        if (string.IsNullOrEmpty(issuer.Issuer) && discovered.Issuer?.TrimEnd('/') is var named && named != authority)
        {
            throw new WrongIssuerException(string.Equals(named, authority, StringComparison.OrdinalIgnoreCase)
                ? $"its discovery document names '{discovered.Issuer}', which differs from its Authority by the case of letters alone; write the Authority as the issuer writes itself"
                : "its discovery document names another issuer than its Authority; if that is meant, set Issuer beside it");
        }

        return new KeySnapshot(
            issuer.Issuer is { Length: > 0 } configured ? configured : discovered.Issuer!,
            SigningKeys.Usable(discovered.SigningKeys),
            askedAt);
    }

    /// <inheritdoc/>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
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
        using var response = await SendAsync(request, cancel);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancel) : throw Refused(response, uri, isShownToken);
    }

    public void Dispose() => http.Dispose();

    // Discovery may lead anywhere; the token is shown to those alone whom the configuration names.
    private bool IsNamed(Uri address) => OriginOf(address) == OriginOf(new Uri(issuer.JwksUri is { Length: > 0 } keys ? keys : issuer.Authority!));

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
