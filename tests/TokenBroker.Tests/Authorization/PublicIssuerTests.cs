using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Tests.Callers.Recipes;
using TokenBroker.Tests.Commands;

namespace TokenBroker.Tests.Authorization;

/// <summary>Anyone can get a JWT of a public issuer, so a policy must say whose it is.</summary>
public sealed class PublicIssuerTests
{
    private const string Actions = "https://token.actions.githubusercontent.com";
    private const string Google = "https://accounts.google.com";
    private const string GitLab = "https://gitlab.com";
    private const string Buildkite = "https://agent.buildkite.com";
    private const string Terraform = "https://app.terraform.io";
    private const string Circle = "https://oidc.circleci.com/org/11111111-2222-3333-4444-555555555555";
    private const string Vercel = "https://oidc.vercel.com/acme";
    private const string Pulumi = "https://api.pulumi.com/oidc/v2";
    private const string Consumers = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

    [Theory]
    [InlineData(Actions, "repository_id", "1296269", true)]
    [InlineData(Actions, "/repository_id", "1296269", true)]
    [InlineData(Actions, "repository_id", "12*", false)]
    [InlineData(Actions, "repository_owner_id", "9919", true)]
    [InlineData(Actions, "repository_owner_id", "*9919", false)]
    [InlineData(Actions, "enterprise_id", "7", true)]
    [InlineData(Actions, "repository_owner", "acme", true)]
    [InlineData(Actions, "repository_owner", "acme*", false)]
    [InlineData(Actions, "repository", "acme/hello", true)]
    [InlineData(Actions, "repository", "acme/*", true)]
    [InlineData(Actions, "repository", "acme/*-infra", true)]
    [InlineData(Actions, "repository", "acme*/hello", false)]
    [InlineData(Actions, "repository", "*/hello", false)]
    [InlineData(Actions, "repository", "/hello", false)]
    [InlineData(Actions, "repository", "*", false)]
    [InlineData(Actions, "repository", "**/hello", false)]
    [InlineData(Actions, "job_workflow_ref", "acme/flows/.github/workflows/*@refs/heads/main", true)]
    [InlineData(Actions, "job_workflow_ref", "*/flows/.github/workflows/x.yml@refs/heads/main", false)]
    [InlineData(Actions, "sub", "repo:acme/*", true)]
    [InlineData(Actions, "sub", "repo:acme@9919/*:environment:prod", true)]
    [InlineData(Actions, "sub", "repo:acme/hello:ref:refs/heads/main", true)]
    [InlineData(Actions, "sub", "repo:*", false)]
    [InlineData(Actions, "sub", "repo:*/hello:*", false)]
    [InlineData(Actions, "sub", "repo:acme*/hello:*", false)]
    [InlineData(Actions, "sub", "repo:acme*", false)]
    [InlineData(Actions, "sub", "*:acme/*", false)]
    [InlineData(Actions, "sub", "environment:prod", false)]
    [InlineData(Actions, "sub", "repository_owner_id:9919:*", true)]
    [InlineData(Actions, "sub", "repository_owner_id:9919", true)]
    [InlineData(Actions, "sub", "repository_owner_id:99*", false)]
    [InlineData(Actions, "sub", "environment:prod:repository_owner:acme", false)]
    [InlineData(Actions, "ref", "refs/heads/main", false)]
    [InlineData(Actions, "environment", "prod", false)]
    [InlineData(Actions, "actor", "octocat", false)]
    [InlineData(Actions, "workflow", "deploy", false)]
    [InlineData(Actions, "iss", Actions, false)]
    [InlineData(Actions, "aud", "https://broker.example", false)]
    [InlineData(Actions, "/repository_id/0", "1296269", false)]
    [InlineData(Google, "/google/compute_engine/project_id", "ci-prod", true)]
    [InlineData(Google, "/google/compute_engine/project_id", "ci-*", false)]
    [InlineData(Google, "project_id", "ci-prod", false)]
    [InlineData(Google, "/google/compute_engine/zone", "europe-west1-b", false)]
    [InlineData(Google, "/google/compute_engine/instance_name", "vm-*", false)]
    [InlineData(Google, "sub", "107517467455664443765", true)]
    [InlineData(Google, "sub", "1*", false)]
    [InlineData(Google, "hd", "acme.example", true)]
    [InlineData(Google, "hd", "*.example", false)]
    [InlineData(Google, "email", "ci@ci-prod.iam.gserviceaccount.com", true)]
    [InlineData(Google, "email", "*@ci-prod.iam.gserviceaccount.com", true)]
    [InlineData(Google, "email", "*@*.iam.gserviceaccount.com", false)]
    [InlineData(Google, "email", "*@.iam.gserviceaccount.com", false)]
    [InlineData(Google, "email", "*.iam.gserviceaccount.com", false)]
    [InlineData(Google, "email", "*@gmail.com", false)]
    [InlineData(Google, "email", "*@acme.example", false)]
    [InlineData(Google, "email", "*", false)]
    [InlineData(Google, "email_verified", "true", false)]
    [InlineData(GitLab, "namespace_id", "72", true)]
    [InlineData(GitLab, "project_id", "2*", false)]
    [InlineData(GitLab, "project_id", "20", true)]
    [InlineData(GitLab, "namespace_path", "acme", true)]
    [InlineData(GitLab, "namespace_path", "acme/*", true)]
    [InlineData(GitLab, "namespace_path", "acme*", false)]
    [InlineData(GitLab, "project_path", "acme/*", true)]
    [InlineData(GitLab, "project_path", "*/app", false)]
    [InlineData(GitLab, "sub", "project_path:acme/app:ref_type:branch:ref:main", true)]
    [InlineData(GitLab, "sub", "project_path:*/app:ref_type:branch:ref:main", false)]
    [InlineData(GitLab, "ref_protected", "true", false)]
    [InlineData(GitLab, "user_login", "root", false)]
    [InlineData(Buildkite, "organization_id", "0184990a-477b-4fa8-9968-496074483cee", true)]
    [InlineData(Buildkite, "organization_slug", "acme", true)]
    [InlineData(Buildkite, "organization_slug", "acme-*", false)]
    [InlineData(Buildkite, "sub", "organization:acme:pipeline:*", true)]
    [InlineData(Buildkite, "sub", "organization:acme*:pipeline:*", false)]
    [InlineData(Buildkite, "pipeline_slug", "hello", false)]
    [InlineData(Terraform, "terraform_organization_id", "org-GRNbCjYNpBB6NEBs", true)]
    [InlineData(Terraform, "terraform_organization_name", "acme", true)]
    [InlineData(Terraform, "terraform_workspace_id", "ws-mbsd5E3Ktt5Rg2Xm", true)]
    [InlineData(Terraform, "terraform_workspace_name", "prod", false)]
    [InlineData(Terraform, "terraform_full_workspace", "organization:acme:project:*", true)]
    [InlineData(Terraform, "sub", "organization:acme:project:default:workspace:*:run_phase:apply", true)]
    [InlineData(Terraform, "sub", "organization:*:workspace:prod:run_phase:apply", false)]
    [InlineData(Circle, "/oidc.circleci.com~1project-id", "22222222-2222-3333-4444-555555555555", true)]
    [InlineData(Circle, "/oidc.circleci.com~1context-ids", "33333333-2222-3333-4444-555555555555", true)]
    [InlineData(Circle, "/oidc.circleci.com~1org-id", "11111111-2222-3333-4444-555555555555", true)]
    [InlineData(Circle, "/oidc.circleci.com~1vcs-ref", "refs/heads/main", false)]
    [InlineData(Circle, "sub", "org/11111111-2222-3333-4444-555555555555/project/*/user/*", true)]
    [InlineData(Circle, "sub", "org/*/project/22222222-2222-3333-4444-555555555555/user/*", false)]
    [InlineData(Vercel, "owner_id", "team_7Gw5ZMBvQA8h4GF832KGp7nw", true)]
    [InlineData(Vercel, "sub", "owner:acme:project:*:environment:production", true)]
    [InlineData(Vercel, "sub", "owner:*:project:web:environment:production", false)]
    [InlineData(Vercel, "project", "web", false)]
    [InlineData(Pulumi, "/https:~1~1pulumi.com~1org_id", "0f1b1bd1-0000-0000-0000-000000000000", true)]
    [InlineData(Pulumi, "/https:~1~1pulumi.com~1org", "acme", true)]
    [InlineData(Pulumi, "/https:~1~1pulumi.com~1org", "acme*", false)]
    [InlineData(Pulumi, "sub", "pulumi:environments:org:acme:env:*", true)]
    [InlineData(Pulumi, "sub", "pulumi:environments:org:*:env:prod", false)]
    [InlineData(Pulumi, "/https:~1~1pulumi.com~1current_env", "prod/runners", false)]
    [InlineData(Consumers, "oid", "00000000-0000-0000-66f3-3332eca7ea81", true)]
    [InlineData(Consumers, "sub", "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", true)]
    [InlineData(Consumers, "oid", "00000000-*", false)]
    [InlineData(Consumers, "tid", "9188040d-6c67-4c5b-b112-36a304b66dad", false)]
    [InlineData(Consumers, "preferred_username", "me@outlook.com", false)]
    public void A_claim_says_whose_a_JWT_is(string issuer, string claim, string pattern, bool names)
    {
        var known = PublicIssuers.Find(new IssuerOptions { Authority = issuer })!;
        Assert.Equal(names, known.IsNamedBy([Claim(claim, pattern)]));

        // Of several values the widest counts; of several claims one is enough.
        Assert.False(known.IsNamedBy([Claim(claim, pattern, "*")]));
        Assert.Equal(names, known.IsNamedBy([Claim("other", "*"), Claim(claim, pattern)]));
        Assert.Equal(names, known.IsNamedBy([Claim(claim, pattern, pattern)]));
    }

    [Theory]
    [InlineData("https://accounts.google.com", null, true)]
    [InlineData("https://accounts.google.com./", null, true)]
    [InlineData(null, "accounts.google.com", true)]
    [InlineData(null, "HTTPS://Token.Actions.GitHubUserContent.com", true)]
    [InlineData("https://token.actions.githubusercontent.com/acme", null, true)]
    [InlineData("https://mirror.example", "https://gitlab.com", true)]
    [InlineData("https://gitlab.com:443", null, true)]
    [InlineData("https://app.eu.terraform.io", null, true)]
    [InlineData("https://login.microsoftonline.com/consumers/v2.0", null, true)]
    [InlineData("https://login.microsoftonline.com/CONSUMERS/v2.0", "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/", true)]
    [InlineData("https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0", null, false)]
    [InlineData("https://gitlab.example", null, false)]
    [InlineData("https://github.example/_services/token", null, false)]
    [InlineData("https://gitlab.com.example", null, false)]
    public void An_issuer_is_public(string? authority, string? issuer, bool isPublic) =>
        Assert.Equal(isPublic, PublicIssuers.Find(new IssuerOptions { Authority = authority, Issuer = issuer }) is not null);

    [Fact]
    public async Task A_policy_without_a_caller_is_refused_with_a_remedy()
    {
        using var files = new TemporaryFolder();
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", """
            {
              "Authentication": { "Issuers": {
                "actions": { "Authority": "https://token.actions.githubusercontent.com", "Audiences": [ "b" ] },
                  "own": { "Authority": "https://issuer.example", "Audiences": [ "b" ] } } },
              "Authorization": { "Policies": {
                "branch": { "Issuer": "actions", "Claims": [ { "Claim": "ref", "Matches": [ "refs/heads/main" ] } ],
                  "DenyClaims": [ { "Claim": "repository_id", "Matches": [ "7" ] } ],
                  "Scopes": [ "repos/{/repository}" ], "Operations": [ "registration-token" ] },
                "wide": { "Issuer": "actions", "Claims": [ { "Claim": "repository", "Matches": [ "acme/*", "*/acme" ] } ],
                  "Scopes": [ "orgs/a" ], "Operations": [ "registration-token" ] },
                "named": { "Issuer": "actions", "Claims": [ { "Claim": "ref", "Matches": [ "*" ] },
                  { "Claim": "repository", "Matches": [ "acme/*", "acme-two/x" ] } ], "Scopes": [ "orgs/a" ],
                  "Operations": [ "registration-token" ] },
                "own": { "Issuer": "own", "Claims": [ { "Claim": "ref", "Matches": [ "*" ] } ], "Scopes": [ "orgs/a" ],
                  "Operations": [ "registration-token" ] } } }
            }
            """));
        Assert.Equal(1, code);
        var faults = output.ReplaceLineEndings("\n")
            .Split('\n')
            .Where(line => line.Contains(":Claims: ", StringComparison.Ordinal))
            .ToList();
        const string Words = ":Claims: anyone on the internet can get a JWT from issuer 'actions' (GitHub Actions), so at least one "
            + "claim must identify the JWT's owner, in each of its values and without a * in that part: "
            + "repository_id, repository_owner_id, repository (OWNER/…), repository_owner, "
            + "enterprise_id, job_workflow_ref (OWNER/…) or sub (repo:OWNER/…).";
        Assert.Equal(["fault    Authorization:Policies:branch" + Words, "fault    Authorization:Policies:wide" + Words], faults);
    }

    /// <summary>The table of docs/callers.md is the list.</summary>
    [Fact]
    public void The_page_names_the_claims_that_do()
    {
        var rows = CallersPage.Rows("Issuers that sign for anyone").ToDictionary(row => row[0], row => row[1], StringComparer.Ordinal);
        Assert.Equal(PublicIssuers.All.Select(issuer => issuer.Name), rows.Keys);
        Assert.All(PublicIssuers.All, issuer => Assert.Equal(
            string.Join(", ", issuer.Owners), rows[issuer.Name].Replace("`", "", StringComparison.Ordinal)));
    }

    private static ClaimOptions Claim(string claim, params string[] patterns)
    {
        var options = new ClaimOptions { Claim = claim };
        options.Matches.AddRange(patterns);
        return options;
    }
}
