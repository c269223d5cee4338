using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://docs.gitlab.com/ci/secrets/id_token_authentication/.</summary>
internal static class GitLab
{
    public static Platform Job { get; } = new(
        "GitLab CI",
        "GitLab CI",
        "https://gitlab.com",
        Platforms.Repository,
        "8222997048",
        now => new JsonObject
        {
            ["iss"] = "https://gitlab.com",
            ["aud"] = "https://broker.example",
            ["sub"] = "project_path:octo-group/hello:ref_type:branch:ref:main",
            ["iat"] = now,
            ["nbf"] = now - 5,
            ["exp"] = now + 3600,
            ["jti"] = "63ab75f4-2606-4f0e-a500-86f90ab13a85",
            ["namespace_id"] = "72",
            ["namespace_path"] = "octo-group",
            ["project_id"] = "20",
            ["project_path"] = "octo-group/hello",
            ["job_project_id"] = "20",
            ["job_project_path"] = "octo-group/hello",
            ["job_namespace_id"] = "72",
            ["job_namespace_path"] = "octo-group",
            ["user_id"] = "1",
            ["user_login"] = "sample-user",
            ["user_email"] = "sample-user@example.com",
            ["user_access_level"] = "maintainer",
            ["pipeline_id"] = "1519139981",
            ["pipeline_source"] = "push",
            ["job_id"] = "8222997048",
            ["ref"] = "main",
            ["ref_type"] = "branch",
            ["ref_path"] = "refs/heads/main",
            ["ref_protected"] = "true",
            ["runner_id"] = 12270835,
            ["runner_environment"] = "self-hosted",
            ["sha"] = "714a629c0b401fdce83e847fc9589983fc6f46bc",
            ["project_visibility"] = "private",
            ["ci_config_ref_uri"] = "gitlab.com/octo-group/hello//.gitlab-ci.yml@refs/heads/main",
            ["ci_config_sha"] = "714a629c0b401fdce83e847fc9589983fc6f46bc",
        },
        [
            new("another project", claims => claims["project_id"] = "21"),
            new("another group's project", claims => claims["namespace_id"] = "73"),
            new("a fork's merge request, run in your project", claims =>
            {
                claims["project_id"] = "9001";
                claims["project_path"] = "mallory/hello";
                claims["namespace_id"] = "666";
                claims["namespace_path"] = "mallory";
                claims["pipeline_source"] = "merge_request_event";
            }),
            new("the same of a GitLab before its fix", claims => claims["pipeline_source"] = "merge_request_event"),
            new("a branch that anyone may push to", claims => claims["ref_protected"] = "false"),
            NearMiss.AnotherAudience("https://gitlab.com"),
        ]);
}
