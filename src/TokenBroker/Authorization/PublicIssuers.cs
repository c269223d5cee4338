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
