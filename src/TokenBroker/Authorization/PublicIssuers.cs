using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// Issuers that sign JWTs for anyone who has an account there, with any audience: only claims that identify an owner tell your callers from
/// strangers.
/// </summary>
internal static class PublicIssuers
{
    // See https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    private static readonly string[] ConsumerTenant = ["9188040d-6c67-4c5b-b112-36a304b66dad", "consumers"];

    public static readonly IReadOnlyList<PublicIssuer> All =
    [
        // See https://docs.github.com/actions/reference/security/oidc, where an organization may also choose how sub begins.
        new("GitHub Actions", ["token.actions.githubusercontent.com"],
        [
            OwnerClaim.Whole("repository_id"),
            OwnerClaim.Whole("repository_owner_id"),
            OwnerClaim.Beginning("repository", "OWNER/"),
            OwnerClaim.Whole("repository_owner"),
            OwnerClaim.Whole("enterprise_id"),
            OwnerClaim.Beginning("job_workflow_ref", "OWNER/"),
            OwnerClaim.Beginning(
                "sub",
                "repo:OWNER/",
                "repository:OWNER/",
                "job_workflow_ref:OWNER/",
                "repository_owner:OWNER:",
                "repository_owner_id:OWNER:",
                "repository_id:OWNER:",
                "enterprise_id:OWNER:"),
        ]),

        // See https://cloud.google.com/compute/docs/instances/verifying-instance-identity and
        // https://developers.google.com/identity/openid-connect/openid-connect
        new("Google", ["accounts.google.com"],
        [
            OwnerClaim.Whole("/google/compute_engine/project_id"),
            OwnerClaim.Whole("sub"),
            OwnerClaim.Email("email"),
            OwnerClaim.Whole("hd"),
        ]),

        // See https://docs.gitlab.com/ci/secrets/id_token_authentication/
        new("GitLab", ["gitlab.com"],
        [
            OwnerClaim.Whole("namespace_id"),
            OwnerClaim.Whole("project_id"),
            OwnerClaim.Beginning("namespace_path", "OWNER/"),
            OwnerClaim.Beginning("project_path", "OWNER/"),
            OwnerClaim.Beginning("sub", "project_path:OWNER/"),
        ]),

        // See https://buildkite.com/docs/agent/cli/reference/oidc
        new("Buildkite", ["agent.buildkite.com"],
        [
            OwnerClaim.Whole("organization_id"),
            OwnerClaim.Whole("organization_slug"),
            OwnerClaim.Beginning("sub", "organization:OWNER:"),
        ]),

        // See https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens
        new("HCP Terraform", ["app.terraform.io", "app.eu.terraform.io"],
        [
            OwnerClaim.Whole("terraform_organization_id"),
            OwnerClaim.Whole("terraform_organization_name"),
            OwnerClaim.Whole("terraform_project_id"),
            OwnerClaim.Whole("terraform_workspace_id"),
            OwnerClaim.Beginning("terraform_full_workspace", "organization:OWNER:"),
            OwnerClaim.Beginning("sub", "organization:OWNER:"),
        ]),

        // See https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/
        new("CircleCI", ["oidc.circleci.com"],
        [
            OwnerClaim.Whole("/oidc.circleci.com~1org-id"),
            OwnerClaim.Whole("/oidc.circleci.com~1project-id"),
            OwnerClaim.Whole("/oidc.circleci.com~1context-ids"),
            OwnerClaim.Beginning("sub", "org/OWNER/"),
        ]),

        // See https://vercel.com/docs/oidc/reference
        new("Vercel", ["oidc.vercel.com"],
        [
            OwnerClaim.Whole("owner_id"),
            OwnerClaim.Whole("owner"),
            OwnerClaim.Whole("project_id"),
            OwnerClaim.Beginning("sub", "owner:OWNER:"),
        ]),

        // See https://www.pulumi.com/docs/esc/guides/configuring-oidc/custom-audience/
        new("Pulumi", ["api.pulumi.com"],
        [
            OwnerClaim.Whole("/https:~1~1pulumi.com~1org_id"),
            OwnerClaim.Whole("/https:~1~1pulumi.com~1org"),
            OwnerClaim.Beginning("sub", "pulumi:deploy:org:OWNER:", "pulumi:environments:org:OWNER:"),
        ]),
        new("Microsoft's personal accounts", ["login.microsoftonline.com", "login.windows.net", "sts.windows.net"],
            [OwnerClaim.Whole("oid"), OwnerClaim.Whole("sub")])
        {
            Includes = address => address.AbsolutePath.Split('/').Intersect(ConsumerTenant, StringComparer.OrdinalIgnoreCase).Any(),
        },
    ];

    /// <summary>The public issuer behind an entry of the configuration; null if the issuer is not a public one.</summary>
    public static PublicIssuer? Find(IssuerOptions issuer) => Find(issuer.Issuer) ?? Find(issuer.Authority);

    // Some of Google's tokens name their issuer without a scheme.
    private static PublicIssuer? Find(string? text) =>
        (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Host.Length > 0)
        || Uri.TryCreate("https://" + text, UriKind.Absolute, out address)
            ? All.FirstOrDefault(known =>
                known.Hosts.Contains(address.Host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase) && known.Includes(address))
            : null;
}

/// <summary>An issuer that signs JWTs for anyone who has an account there.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Hosts">The hosts that its <c>iss</c> may name.</param>
/// <param name="Owners">The claims that identify a JWT's owner.</param>
internal sealed record PublicIssuer(string Name, IReadOnlyList<string> Hosts, IReadOnlyList<OwnerClaim> Owners)
{
    /// <summary>Which addresses on these hosts belong to it. Default: all of them.</summary>
    public Func<Uri, bool> Includes { get; init; } = _ => true;

    /// <summary>Whether at least one claim identifies the JWT's owner, whichever of the claim's patterns it matches.</summary>
    public bool IsNamedBy(IEnumerable<ClaimOptions> claims) => claims.Any(claim =>
        claim.Matches.Count > 0
        && ClaimPointer.TryParse(claim.Claim, out var pointer)
        && Owners.FirstOrDefault(owner => owner.IsAt(pointer)) is { } owner
        && claim.Matches.TrueForAll(pattern => owner.NamesOwner(pattern ?? "")));

    /// <summary>The claims that an operator can choose from, for messages.</summary>
    public string Choice => $"{string.Join(", ", Owners.SkipLast(1))} or {Owners[^1]}";
}

/// <summary>A claim of a public issuer that identifies a JWT's owner, if a policy's patterns spell out that part.</summary>
/// <param name="Name">The claim: a pointer or a name.</param>
/// <param name="Form">Where in the claim the owner is; null if the whole claim is the owner.</param>
/// <param name="NamesOwner">Whether a pattern spells out that part: a <c>*</c> there would match anyone.</param>
internal sealed record OwnerClaim(string Name, string? Form, Func<string, bool> NamesOwner)
{
    // Google's domain for service accounts, after the name of their project.
    private const string ServiceAccounts = ".iam.gserviceaccount.com";

    private const char Any = '*';

    /// <summary>A claim of which each value belongs to one owner.</summary>
    public static OwnerClaim Whole(string name) => new(name, Form: null, IsLiteral);

    /// <summary>A claim that begins with the owner.</summary>
    /// <param name="name">The claim: a pointer or a name.</param>
    /// <param name="forms">How its values may begin: a literal text, <c>OWNER</c>, and the character after it.</param>
    public static OwnerClaim Beginning(string name, params string[] forms) =>
        new(name, forms[0] + "…", pattern => forms.Any(form => HasLiteralOwner(pattern, form)));

    /// <summary>
    /// An email address: one account's, or those of a whole Google Cloud project. A pattern for another domain would match everyone who has
    /// or had an address there.
    /// </summary>
    public static OwnerClaim Email(string name) =>
        new(name, Form: null, pattern => IsLiteral(pattern) || IsServiceAccount(pattern));

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
        return domain.Length < pattern.Length
            && domain.Length > ServiceAccounts.Length
            && domain.EndsWith(ServiceAccounts, StringComparison.Ordinal)
            && IsLiteral(domain);
    }

    private static bool IsLiteral(string text) => text.Length > 0 && !text.Contains(Any, StringComparison.Ordinal);
}
