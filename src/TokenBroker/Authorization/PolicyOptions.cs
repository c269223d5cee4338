namespace TokenBroker.Authorization;

/// <summary>Section <c>Authorization</c>: who may do what. Nothing is allowed unless a policy allows it.</summary>
public sealed class PolicyListOptions
{
    public const string Section = "Authorization";

    /// <summary>The policies by name. At least one is required.</summary>
    public Dictionary<string, PolicyOptions> Policies { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>One policy: callers of this issuer with these claims may do these operations on these scopes.</summary>
public sealed class PolicyOptions
{
    /// <summary>The name of an entry of <c>Authentication:Issuers</c>. Required.</summary>
    public string? Issuer { get; set; }

    /// <summary>
    /// Claims that the caller's JWT must have; all of them must match. At least one is required. For an issuer that signs for anyone, such
    /// as GitHub Actions or Google, at least one must identify an owner.
    /// </summary>
    public List<ClaimOptions> Claims { get; init; } = [];

    /// <summary>
    /// Claims that the caller's JWT must not have: if one matches, this policy does not apply; other policies still may. Here <c>*</c> also
    /// matches <c>/</c>, numbers are compared by value, arrays are searched, and a value that cannot be searched or compared matches.
    /// Default: none.
    /// </summary>
    public List<ClaimOptions> DenyClaims { get; init; } = [];

    /// <summary>
    /// A claim that holds a time, such as when a machine was created, and how long ago that time may be. Default: none.
    /// </summary>
    public ClaimAgeOptions? MaximumClaimAge { get; set; }

    /// <summary>
    /// The scopes: <c>repos/OWNER/REPO</c>, <c>orgs/ORG</c>, <c>enterprises/ENTERPRISE</c>, where <c>*</c> stands for any characters except
    /// <c>/</c>, and <c>{/claim}</c> for the caller's own claim, taken literally. Compared case-insensitively. At least one is required.
    /// </summary>
    public List<string> Scopes { get; init; } = [];

    /// <summary>
    /// The operations: <c>registration-token</c>, <c>remove-token</c>, <c>jitconfig</c>, <c>read</c>, <c>labels</c>, <c>delete</c>.
    /// At least one is required.
    /// </summary>
    public List<string> Operations { get; init; } = [];

    /// <summary>
    /// The least remaining lifetime of the tokens that these callers get, 1 to 45 minutes. Default:
    /// <c>TokenCache:MinimumRemainingLifetime</c>, and never less.
    /// </summary>
    public TimeSpan? MinimumRemainingLifetime { get; set; }

    /// <summary>
    /// How often one caller, by its <c>CallerId</c>, may receive the same result, counted separately for each scope and each of
    /// <c>registration-token</c>, <c>remove-token</c> and <c>jitconfig</c>. A policy does not match once its grants are used up, or if the
    /// caller's JWT lacks a claim of the <c>CallerId</c>. Default: any number of times.
    /// </summary>
    public GrantOptions? Grants { get; set; }

    /// <summary>
    /// The runners that <c>jitconfig</c>, <c>labels</c> and <c>delete</c> may affect. Required if one of them is allowed.
    /// </summary>
    public RunnerBoundsOptions? Runners { get; set; }
}

/// <summary>What one claim of the caller's JWT must be.</summary>
public sealed class ClaimOptions
{
    /// <summary>
    /// A JSON Pointer (RFC 6901) such as <c>/google/compute_engine/project_id</c>, or the plain name of a top-level claim. A name with a
    /// slash or a dot must be written as a pointer. Required.
    /// </summary>
    public string? Claim { get; set; }

    /// <summary>
    /// The accepted values, at least one. <c>*</c> stands for any characters except <c>/</c>; the whole value must match, case-sensitively.
    /// A claim that is an array matches if one element does; numbers and booleans are compared by their JSON text.
    /// </summary>
    public List<string> Matches { get; init; } = [];
}

/// <summary>A claim that holds a time, and how long ago that time may be.</summary>
public sealed class ClaimAgeOptions
{
    /// <summary>
    /// The claim with the time: a JSON Pointer (RFC 6901), or the plain name of a top-level claim. Its value is in seconds since 1970, or a
    /// date and time as in RFC 3339. Required.
    /// </summary>
    public string? Claim { get; set; }

    /// <summary>How long ago the time may be, such as <c>00:15:00</c>. Required, more than zero.</summary>
    public TimeSpan Age { get; set; }
}

/// <summary>The runners that a policy's callers may create, change or delete.</summary>
public sealed class RunnerBoundsOptions
{
    /// <summary>
    /// Patterns of runner names, in which <c>{/claim}</c> stands for the caller's own claim. With <c>{/claim}-*</c>, <c>web</c> also has
    /// the runners of <c>web-2</c>, so end a name with the claim. Required.
    /// </summary>
    public List<string> Names { get; init; } = [];

    /// <summary>Patterns of labels that a caller may choose. Default: only <see cref="RequiredLabels"/>.</summary>
    public List<string> Labels { get; init; } = [];

    /// <summary>Labels that every runner gets. Default: none.</summary>
    public List<string> RequiredLabels { get; init; } = [];

    /// <summary>Runner groups by id. Default: only group 1.</summary>
    public List<long> GroupIds { get; init; } = [];

    /// <summary>Work folders. Default: only <c>_work</c>.</summary>
    public List<string> WorkFolders { get; init; } = [];
}

/// <summary>
/// How often one caller may receive the same result under a policy: an image that boots once needs no second registration token.
/// </summary>
public sealed class GrantOptions
{
    /// <summary>The most 201 responses per caller, scope and operation within <see cref="Within"/>, 1 to 100. Required.</summary>
    public int? Count { get; set; }

    /// <summary>
    /// How long a grant counts, such as <c>01:00:00</c>: one minute to 14 days, because it is remembered for that long. A day is
    /// <c>1.00:00:00</c>; .NET reads <c>24:00:00</c> as 24 days, which is a fault here. Required.
    /// </summary>
    public TimeSpan? Within { get; set; }
}
