namespace TokenBroker.Authentication;

/// <summary>Section <c>Authentication</c>: the issuers that sign callers' JWTs.</summary>
public sealed class IssuerListOptions
{
    public const string Section = "Authentication";

    /// <summary>The issuers by name. At least one is required.</summary>
    public Dictionary<string, IssuerOptions> Issuers { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// An issuer of callers' JWTs. Its keys come from exactly one source: <see cref="Authority"/>, <see cref="JwksUri"/> or
/// <see cref="JwksPath"/>.
/// </summary>
public sealed class IssuerOptions
{
    /// <summary>The base address whose <c>/.well-known/openid-configuration</c> leads to the keys.</summary>
    public string? Authority { get; set; }

    /// <summary>
    /// The exact <c>iss</c> of the JWTs. Required with <see cref="JwksUri"/> and <see cref="JwksPath"/>. With <see cref="Authority"/>,
    /// set it only if the JWTs name a different issuer than discovery does (Azure's version 1 tokens).
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>The address of the key set, for an issuer without discovery.</summary>
    public string? JwksUri { get; set; }

    /// <summary>A file with the key set, read again when it changes.</summary>
    public string? JwksPath { get; set; }

    /// <summary>The audiences; a JWT must name one of them. At least one is required.</summary>
    public List<string> Audiences { get; init; } = [];

    /// <summary>
    /// The claims that together distinguish one caller from another, as JSON Pointers: for limits, grants and audit. If one is missing,
    /// <c>sub</c> is used instead, but a policy with <c>Grants</c> denies such a caller whatever it counts. Default: <c>sub</c>.
    /// </summary>
    public List<string> CallerId { get; init; } = [];

    /// <summary>The claims that audit events include besides the caller's id, as JSON Pointers. Default: none.</summary>
    public List<string> AuditClaims { get; init; } = [];

    /// <summary>The maximum age of a JWT by its <c>iat</c>, which is then required. Default: limited only by <c>exp</c>.</summary>
    public TimeSpan? MaximumTokenAge { get; set; }

    /// <summary>
    /// Whether keys must be fetched over HTTPS. Default: true. If false, HTTP is allowed, with a warning at start unless the address is
    /// loopback.
    /// </summary>
    public bool RequireHttpsMetadata { get; set; } = true;

    /// <summary>A PEM file of certificate authorities to trust for this issuer instead of the system's. Default: the system's.</summary>
    public string? CaCertificatePath { get; set; }

    /// <summary>
    /// A file with a bearer token to send when fetching keys, read for each fetch. It is sent only to the origin of the
    /// <see cref="Authority"/> or to the <see cref="JwksUri"/>, and to no other address that discovery names. Default: none.
    /// </summary>
    public string? BackchannelTokenPath { get; set; }
}
