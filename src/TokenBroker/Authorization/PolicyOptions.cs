namespace TokenBroker.Authorization;

/// <summary>Section <c>Authorization</c>: who may do what. Nothing is allowed that no policy allows.</summary>
public sealed class PolicyListOptions
{
    /// <summary>The configuration section.</summary>
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
    /// What the caller's JWT must say; all of them must match. At least one is required, and for an issuer that signs for anyone, such as GitHub Actions or
    /// Google, one that names an owner.
    /// </summary>
    public List<ClaimOptions> Claims { get; init; } = [];

    /// <summary>
    /// What the caller's JWT must not say: one that matches ends this policy's match, and no other's. Here <c>*</c> stands for <c>/</c> too, numbers are
    /// compared by value, arrays are looked into, and what cannot be looked into or compared matches. Default: none.
    /// </summary>
    public List<ClaimOptions> DenyClaims { get; init; } = [];

    /// <summary>A claim that tells when something began, a machine say, and how long ago that may be. Default: none.</summary>
    public ClaimAgeOptions? MaximumClaimAge { get; set; }

    /// <summary>
    /// The scopes: <c>repos/OWNER/REPO</c>, <c>orgs/ORG</c>, <c>enterprises/ENTERPRISE</c>, where <c>*</c> stands for any run of characters
    /// but <c>/</c>, and <c>{/claim}</c> for the caller's own claim, taken literally. Compared without regard to case. At least one is required.
    /// </summary>
    public List<string> Scopes { get; init; } = [];

    /// <summary>
    /// The operations: <c>registration-token</c>, <c>remove-token</c>, <c>jitconfig</c>, <c>read</c>, <c>labels</c>, <c>delete</c>.
    /// At least one is required.
    /// </summary>
    public List<string> Operations { get; init; } = [];

    /// <summary>The least life of a token that these callers get, 1 to 45 minutes. Default: <c>TokenCache:MinimumRemainingLifetime</c>, and never less.</summary>
    public TimeSpan? MinimumRemainingLifetime { get; set; }

    /// <summary>
    /// How often one caller, by its <c>CallerId</c>, is given the same: counted for each scope and each of <c>registration-token</c>,
    /// <c>remove-token</c> and <c>jitconfig</c>. A policy whose grants are used up does not match, nor one that would
    /// have to count for a caller without the claims of its <c>CallerId</c>. Default: any number of times.
    /// </summary>
    public GrantOptions? Grants { get; set; }

    /// <summary>Which runners <c>jitconfig</c>, <c>labels</c> and <c>delete</c> may touch. Required where one of them is allowed.</summary>
    public RunnerBoundsOptions? Runners { get; set; }
}

/// <summary>What one claim of the caller's JWT must be.</summary>
public sealed class ClaimOptions
{
    /// <summary>
    /// A JSON Pointer (RFC 6901) such as <c>/google/compute_engine/project_id</c>, or the plain name of a top-level claim; one with a slash or a dot in it
    /// is written as a pointer. Required.
    /// </summary>
    public string? Claim { get; set; }

    /// <summary>
    /// The values that will do, at least one. <c>*</c> stands for any run of characters but <c>/</c>; the whole value must match, exactly.
    /// A claim that is an array matches if one element does; numbers and booleans are compared by their JSON text.
    /// </summary>
    public List<string> Matches { get; init; } = [];
}

/// <summary>A claim that tells when something began, and how long ago that may be.</summary>
public sealed class ClaimAgeOptions
{
    /// <summary>Where the time stands: a JSON Pointer (RFC 6901), or the plain name of a top-level claim. Seconds since 1970, or a date and time as in RFC 3339. Required.</summary>
    public string? Claim { get; set; }

    /// <summary>The oldest that it may be, such as <c>00:15:00</c>. Required, more than zero.</summary>
    public TimeSpan Age { get; set; }
}

/// <summary>The runners that a policy's callers may create, change or delete.</summary>
public sealed class RunnerBoundsOptions
{
    /// <summary>
    /// Patterns of runner names, in which <c>{/claim}</c> stands for the caller's own claim. Of <c>{/claim}-*</c>, <c>web</c> has the runners of <c>web-2</c>
    /// too: end a name with the claim. Required.
    /// </summary>
    public List<string> Names { get; init; } = [];

    /// <summary>Patterns of labels that a caller may ask for. Default: none beside <see cref="RequiredLabels"/>.</summary>
    public List<string> Labels { get; init; } = [];

    /// <summary>Labels that every runner gets. Default: none.</summary>
    public List<string> RequiredLabels { get; init; } = [];

    /// <summary>Runner groups by id. Default: only group 1.</summary>
    public List<long> GroupIds { get; init; } = [];

    /// <summary>Work folders. Default: only <c>_work</c>.</summary>
    public List<string> WorkFolders { get; init; } = [];
}

/// <summary>How often one caller is given the same by a policy: an image that boots once needs no second registration token.</summary>
public sealed class GrantOptions
{
    /// <summary>How many answers of 201 there are for a caller, a scope and an operation within <see cref="Within"/>, 1 to 100. Required.</summary>
    public int? Count { get; set; }

    /// <summary>
    /// How long a grant counts, such as <c>01:00:00</c>, one minute to 14 days, because it is remembered for that long. A day is
    /// <c>1.00:00:00</c>; what .NET makes of <c>24:00:00</c> is 24 days, and a fault here. Required.
    /// </summary>
    public TimeSpan? Within { get; set; }
}
