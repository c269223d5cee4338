using TokenBroker.Authorization.Grants;

namespace TokenBroker.Authorization;

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
