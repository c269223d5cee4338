using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Sandbox.Issuer;

/// <summary>
/// An issuer of callers' tokens on loopback, with discovery and keys as any OpenID Connect issuer has them, which signs whatever
/// claims it is asked to and can be made to fail.
/// </summary>
public sealed class SandboxIssuer : IAsyncDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly SandboxIssuerOptions options;
    private readonly LoopbackServer server;
    private readonly IssuerEndpoint discovery;
    private readonly IssuerEndpoint keys;
    private readonly Lock gate = new();
    private ImmutableArray<SandboxSigningKey> published;

    private SandboxIssuer(SandboxIssuerOptions options)
    {
        this.options = options;
        published = [options.SigningKey ?? SandboxSigningKey.Create(options.Algorithm)];
        discovery = new IssuerEndpoint("/.well-known/openid-configuration", "application/json", DescribeIssuer);
        keys = new IssuerEndpoint("/jwks", "application/jwk-set+json", (_, _) => DescribeKeys());
        server = new LoopbackServer(options.Port, Configure, options.OnAllAddresses);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => server.Address;

    /// <summary>The <c>iss</c> of its tokens.</summary>
    public string Issuer => options.Issuer ?? server.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>Where its keys are.</summary>
    public Uri KeysAddress => new(server.Address, "/jwks");

    /// <summary>The <c>aud</c> of tokens that name no other.</summary>
    public string Audience => options.Audience;

    /// <summary>The key that signs at present.</summary>
    public SandboxSigningKey SigningKey => PublishedKeys[0];

    /// <summary>The keys that are published, the one that signs first.</summary>
    public ImmutableArray<SandboxSigningKey> PublishedKeys
    {
        get
        {
            lock (gate)
                return published;
        }
    }

    /// <summary>How the discovery document fails.</summary>
    public SandboxIssuerFault DiscoveryFault
    {
        get => discovery.Fault;
        set => discovery.Fault = value;
    }

    /// <summary>How the keys fail.</summary>
    public SandboxIssuerFault KeysFault
    {
        get => keys.Fault;
        set => keys.Fault = value;
    }

    /// <summary>How often the discovery document was asked for.</summary>
    public int DiscoveryFetches => discovery.Fetches;

    /// <summary>How often the keys were asked for.</summary>
    public int KeyFetches => keys.Fetches;

    public static async Task<SandboxIssuer> StartAsync(SandboxIssuerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var issuer = new SandboxIssuer(options ?? new SandboxIssuerOptions());
        await issuer.server.StartAsync(cancellationToken);
        return issuer;
    }

    /// <summary>Makes discovery and keys fail in the same way; <c>None</c> mends both.</summary>
    public void Fail(SandboxIssuerFault fault)
    {
        DiscoveryFault = fault;
        KeysFault = fault;
    }

    /// <summary>
    /// Signs a token: the members of <paramref name="claims"/> (an anonymous object, a dictionary, a <see cref="JsonObject"/>) take the
    /// place of the defaults <c>iss, aud, sub, iat, nbf, exp, jti</c>, and a null removes one. Nested values stay as they are.
    /// </summary>
    /// <param name="claims">Changes to the payload.</param>
    /// <param name="header">Changes to the header in the same way; the key still signs, regardless of <c>alg</c>.</param>
    /// <param name="key">The key, where it is not the present one.</param>
    public string Sign(object? claims = null, object? header = null, SandboxSigningKey? key = null)
    {
        key ??= SigningKey;
        return key.Sign(Header(key.Algorithm, key.KeyId, header), Payload(claims));
    }

    /// <summary>Signs a token with any key and algorithm that the library can sign with, for forgeries.</summary>
    public string Sign(object? claims, object? header, SigningCredentials credentials) =>
        CompactToken.Sign(Header(credentials.Algorithm, SigningKey.KeyId, header), Payload(claims), credentials);

    /// <summary>A token with an empty signature, with <c>alg</c> <c>none</c> unless the header changes it.</summary>
    public string WithoutSignature(object? claims = null, object? header = null) =>
        CompactToken.Unsigned(Header("none", SigningKey.KeyId, header), Payload(claims)) + ".";

    /// <summary>Signs with a new key from now on.</summary>
    /// <param name="keepFormer">Go on publishing the keys there were.</param>
    /// <param name="reuseKeyId">Give the new key the <c>kid</c> of the former one.</param>
    /// <param name="key">The new key; null makes one.</param>
    public SandboxSigningKey RotateKeys(bool keepFormer = false, bool reuseKeyId = false, SandboxSigningKey? key = null)
    {
        var present = SigningKey;
        key ??= SandboxSigningKey.Create(present.Algorithm);
        if (reuseKeyId)
            key = key.Named(present.KeyId);
        lock (gate)
            published = keepFormer ? [key, .. published] : [key];
        return key;
    }

    /// <summary>Stops listening: connections are refused until <see cref="RestartAsync"/>.</summary>
    public Task StopAsync()
    {
        discovery.Release();
        keys.Release();
        return server.StopAsync();
    }

    /// <summary>Listens again on the same port, with new keys if asked to.</summary>
    public Task RestartAsync(bool newKeys = false, CancellationToken cancellationToken = default)
    {
        if (newKeys)
            RotateKeys();
        return server.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        discovery.Dispose();
        keys.Dispose();
    }

    private static JsonObject Header(string algorithm, string keyId, object? changes) =>
        changes.Over(new JsonObject { ["alg"] = algorithm, ["kid"] = keyId, ["typ"] = "JWT" });

    private JsonObject Payload(object? changes)
    {
        var now = options.TimeProvider.GetUtcNow();
        return changes.Over(new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = Audience,
            ["sub"] = "vm-1",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString("N"),
        });
    }

    private void Configure(WebApplication application)
    {
        discovery.Map(application);
        keys.Map(application);
        new TokenEndpoint(claims => Sign(claims)).Map(application);
    }

    private JsonObject DescribeIssuer(HttpContext context, SandboxIssuerFault fault)
    {
        var address = $"{context.Request.Scheme}://{context.Request.Host}";
        return new JsonObject
        {
            ["issuer"] = fault == SandboxIssuerFault.WrongIssuer ? "https://another-issuer.example" : Issuer,
            ["jwks_uri"] = $"{address}/jwks",
            ["authorization_endpoint"] = $"{address}/authorize",
            ["token_endpoint"] = $"{address}/token",
            ["response_types_supported"] = new JsonArray("id_token"),
            ["subject_types_supported"] = new JsonArray("public"),
            ["id_token_signing_alg_values_supported"] = new JsonArray(SigningKey.Algorithm),
        };
    }

    private JsonObject DescribeKeys() => new()
    {
        ["keys"] = new JsonArray([.. PublishedKeys.Select(key => key.ToJwk())]),
    };
}
