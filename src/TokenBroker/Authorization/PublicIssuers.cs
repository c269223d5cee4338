using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>Issuers that sign JWTs for anyone who has an account there, with any audience: only claims that name an owner tell your callers from strangers.</summary>
internal static class PublicIssuers
{
    // See https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    private static readonly string[] ConsumerTenant = ["9188040d-6c67-4c5b-b112-36a304b66dad", "consumers"];

    /// <summary>Those that are known.</summary>
    public static readonly IReadOnlyList<PublicIssuer> All =
    [
        // See https://docs.github.com/actions/reference/security/oidc, where an organisation may also choose what sub begins with.
        new("GitHub Actions", ["token.actions.githubusercontent.com"],
        [
            OwnerClaim.Whole("repository_id"), OwnerClaim.Whole("repository_owner_id"), OwnerClaim.Beginning("repository", "OWNER/"), OwnerClaim.Whole("repository_owner"),
            OwnerClaim.Whole("enterprise_id"), OwnerClaim.Beginning("job_workflow_ref", "OWNER/"),
            OwnerClaim.Beginning(
                "sub", "repo:OWNER/", "repository:OWNER/", "job_workflow_ref:OWNER/", "repository_owner:OWNER:", "repository_owner_id:OWNER:", "repository_id:OWNER:", "enterprise_id:OWNER:"),
        ]),

        // See https://cloud.google.com/compute/docs/instances/verifying-instance-identity and https://developers.google.com/identity/openid-connect/openid-connect
        new("Google", ["accounts.google.com"],
            [OwnerClaim.Whole("/google/compute_engine/project_id"), OwnerClaim.Whole("sub"), OwnerClaim.Email("email"), OwnerClaim.Whole("hd")]),

        // See https://docs.gitlab.com/ci/secrets/id_token_authentication/
        new("GitLab", ["gitlab.com"],
        [
            OwnerClaim.Whole("namespace_id"), OwnerClaim.Whole("project_id"), OwnerClaim.Beginning("namespace_path", "OWNER/"), OwnerClaim.Beginning("project_path", "OWNER/"),
            OwnerClaim.Beginning("sub", "project_path:OWNER/"),
        ]),

        // See https://buildkite.com/docs/agent/cli/reference/oidc
        new("Buildkite", ["agent.buildkite.com"],
            [OwnerClaim.Whole("organization_id"), OwnerClaim.Whole("organization_slug"), OwnerClaim.Beginning("sub", "organization:OWNER:")]),

        // See https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
        new("HCP Terraform", ["app.terraform.io", "app.eu.terraform.io"],
        [
            OwnerClaim.Whole("terraform_organization_id"), OwnerClaim.Whole("terraform_organization_name"), OwnerClaim.Whole("terraform_project_id"), OwnerClaim.Whole("terraform_workspace_id"),
            OwnerClaim.Beginning("terraform_full_workspace", "organization:OWNER:"), OwnerClaim.Beginning("sub", "organization:OWNER:"),
        ]),

        // See https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
        new("CircleCI", ["oidc.circleci.com"],
        [
            OwnerClaim.Whole("/oidc.circleci.com~1org-id"), OwnerClaim.Whole("/oidc.circleci.com~1project-id"), OwnerClaim.Whole("/oidc.circleci.com~1context-ids"),
            OwnerClaim.Beginning("sub", "org/OWNER/"),
        ]),

        // See https://vercel.com/docs/oidc/reference
        new("Vercel", ["oidc.vercel.com"],
            [OwnerClaim.Whole("owner_id"), OwnerClaim.Whole("owner"), OwnerClaim.Whole("project_id"), OwnerClaim.Beginning("sub", "owner:OWNER:")]),

        // See https://www.pulumi.com/docs/esc/guides/configuring-oidc/custom-audience/
        new("Pulumi", ["api.pulumi.com"],
        [
            OwnerClaim.Whole("/https:~1~1pulumi.com~1org_id"), OwnerClaim.Whole("/https:~1~1pulumi.com~1org"),
            OwnerClaim.Beginning("sub", "pulumi:deploy:org:OWNER:", "pulumi:environments:org:OWNER:"),
        ]),
        new("Microsoft's personal accounts", ["login.microsoftonline.com", "login.windows.net", "sts.windows.net"], [OwnerClaim.Whole("oid"), OwnerClaim.Whole("sub")])
        {
            Includes = address => address.AbsolutePath.Split('/').Intersect(ConsumerTenant, StringComparer.OrdinalIgnoreCase).Any(),
        },
    ];

    /// <summary>The public issuer that an entry of the configuration is; null if it is none.</summary>
    public static PublicIssuer? Find(IssuerOptions issuer) => Find(issuer.Issuer) ?? Find(issuer.Authority);

    // Google's tokens have also named their issuer without a scheme.
    private static PublicIssuer? Find(string? text) =>
        (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Host.Length > 0) || Uri.TryCreate("https://" + text, UriKind.Absolute, out address)
            ? All.FirstOrDefault(known => known.Hosts.Contains(address.Host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase) && known.Includes(address))
            : null;
}

/// <summary>An issuer that signs JWTs for anyone who has an account there.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Hosts">The hosts that its <c>iss</c> may name.</param>
/// <param name="Owners">The claims that say whose a JWT is.</param>
internal sealed record PublicIssuer(string Name, IReadOnlyList<string> Hosts, IReadOnlyList<OwnerClaim> Owners)
{
    /// <summary>Which addresses of these hosts it is. Default: all of them.</summary>
    public Func<Uri, bool> Includes { get; init; } = _ => true;

    /// <summary>Whether one claim at least leaves no doubt whose its JWTs are, whichever of the claim's patterns they match.</summary>
    public bool IsNamedBy(IEnumerable<ClaimOptions> claims) => claims.Any(claim =>
        claim.Matches.Count > 0
        && ClaimPointer.TryParse(claim.Claim, out var pointer)
        && Owners.FirstOrDefault(owner => owner.IsAt(pointer)) is { } owner
        && claim.Matches.TrueForAll(pattern => owner.NamesOwner(pattern ?? "")));

    /// <summary>The claims that would do, for an operator to choose from.</summary>
    public string Choice => $"{string.Join(", ", Owners.SkipLast(1))} or {Owners[^1]}";
}

/// <summary>A claim of a public issuer that says whose a JWT is, if a policy's patterns of it leave that part open to nobody.</summary>
/// <param name="Name">The claim, as a pointer or by its name.</param>
/// <param name="Form">Where in the claim its owner stands; null where the whole claim is the owner.</param>
/// <param name="NamesOwner">Whether a pattern has that part in letters: a <c>*</c> there would be anyone.</param>
internal sealed record OwnerClaim(string Name, string? Form, Func<string, bool> NamesOwner)
{
    // Google's own domain for the service accounts of one project, whose name stands before it.
    private const string ServiceAccounts = ".iam.gserviceaccount.com";

    private const char Any = '*';

    /// <summary>A claim whose every value is one owner's, or one's own.</summary>
    public static OwnerClaim Whole(string name) => new(name, Form: null, IsLiteral);

    /// <summary>A claim that begins with its owner.</summary>
    /// <param name="name">The claim.</param>
    /// <param name="forms">What it may look like: what stands before <c>OWNER</c>, and the character after it.</param>
    public static OwnerClaim Beginning(string name, params string[] forms) => new(name, forms[0] + "…", pattern => forms.Any(form => HasLiteralOwner(pattern, form)));

    /// <summary>An address: somebody's, or any of one Google Cloud project. Addresses of other domains are anyone's who has one, or had.</summary>
    public static OwnerClaim Email(string name) => new(name, Form: null, pattern => IsLiteral(pattern) || IsServiceAccount(pattern));

    /// <summary>The claim of a policy.</summary>
    public bool IsAt(ClaimPointer claim) => ClaimPointer.TryParse(Name, out var own) && own.Equals(claim);

    /// <inheritdoc/>
    public override string ToString() => Form is null ? Name : $"{Name} ({Form})";

    private static bool HasLiteralOwner(string pattern, string form)
    {
        var beginning = form[..form.IndexOf("OWNER", StringComparison.Ordinal)];
        if (!pattern.StartsWith(beginning, StringComparison.Ordinal))
            return false;
        var rest = pattern[beginning.Length..];
        return IsLiteral(rest.IndexOf(form[^1], StringComparison.Ordinal) is >= 0 and var end ? rest[..end] : rest);
    }

    private static bool IsServiceAccount(string pattern)
    {
        var domain = pattern[(pattern.LastIndexOf('@') + 1)..];
        return domain.Length < pattern.Length && domain.Length > ServiceAccounts.Length && domain.EndsWith(ServiceAccounts, StringComparison.Ordinal) && IsLiteral(domain);
    }

    private static bool IsLiteral(string text) => text.Length > 0 && !text.Contains(Any, StringComparison.Ordinal);
}
