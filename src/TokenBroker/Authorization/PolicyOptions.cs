namespace TokenBroker.Authorization;

/// <summary>One policy: callers of this issuer with these claims may do these operations on these scopes.</summary>
public sealed class PolicyOptions
{
    /// <summary>The name of an entry of <c>Authentication:Issuers</c>. Required.</summary>
    public string? Issuer { get; set; }

    /// <summary>What the caller's JWT must say; all of them must match. At least one is required.</summary>
    public List<ClaimOptions> Claims { get; init; } = [];

    /// <summary>
    /// The scopes: <c>repos/OWNER/REPO</c>, <c>orgs/ORG</c>, <c>enterprises/ENTERPRISE</c>, where <c>*</c> stands for any run of characters
    /// but <c>/</c>. Compared without regard to case. At least one is required.
    /// </summary>
    public List<string> Scopes { get; init; } = [];

    /// <summary>
    /// The operations: <c>registration-token</c>, <c>remove-token</c>, <c>jitconfig</c>, <c>read</c>, <c>labels</c>, <c>delete</c>.
    /// At least one is required.
    /// </summary>
    public List<string> Operations { get; init; } = [];

    /// <summary>Which runners <c>jitconfig</c>, <c>labels</c> and <c>delete</c> may touch. Required where one of them is allowed.</summary>
    public RunnerBoundsOptions? Runners { get; set; }
}
