namespace TokenBroker.Authentication;

/// <summary>Section <c>Authentication</c>: who signs callers' JWTs.</summary>
public sealed class IssuerListOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Authentication";

    /// <summary>The issuers by name. At least one is required.</summary>
    public Dictionary<string, IssuerOptions> Issuers { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>One issuer of callers' JWTs. Its keys come from one place: <see cref="Authority"/>, <see cref="JwksUri"/> or <see cref="JwksPath"/>.</summary>
public sealed class IssuerOptions
{
    /// <summary>The address below which <c>/.well-known/openid-configuration</c> names the keys.</summary>
    public string? Authority { get; set; }

    /// <summary>
    /// The exact <c>iss</c> of the JWTs. Required with <see cref="JwksUri"/> and <see cref="JwksPath"/>; beside <see cref="Authority"/>
    /// only where the JWTs name another issuer than its discovery does (Azure's version 1 tokens).
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>The address of the key set, where there is no discovery.</summary>
    public string? JwksUri { get; set; }

    /// <summary>A file with the key set, read again when it changes.</summary>
    public string? JwksPath { get; set; }

    /// <summary>The audiences of which a JWT must name one. At least one is required.</summary>
    public List<string> Audiences { get; init; } = [];

    /// <summary>
    /// The claims that together tell one caller from another, as JSON Pointers: for limits, grants and audit. Where one is missing, <c>sub</c>
    /// stands in, but a policy with <c>Grants</c> gives such a caller nothing that it counts. Default: <c>sub</c>.
    /// </summary>
    public List<string> CallerId { get; init; } = [];

    /// <summary>The claims that audit events hold beside the caller's id, as JSON Pointers. Default: none.</summary>
    public List<string> AuditClaims { get; init; } = [];

    /// <summary>How old a JWT may be, by <c>iat</c>, which is then required. Default: as old as its <c>exp</c> lets it.</summary>
    public TimeSpan? MaximumTokenAge { get; set; }

    /// <summary>Whether keys must come by https. Default true; false takes http, with a warning at start unless it is loopback.</summary>
    public bool RequireHttpsMetadata { get; set; } = true;

    /// <summary>A PEM file of certificate authorities to trust for this issuer in place of the system's. Default: the system's.</summary>
    public string? CaCertificatePath { get; set; }

    /// <summary>
    /// A file with a bearer token to show when fetching keys, read for each fetch: to the <see cref="Authority"/>'s own origin or to the
    /// <see cref="JwksUri"/>, and to no other address that discovery leads to. Default: none.
    /// </summary>
    public string? BackchannelTokenPath { get; set; }
}
