using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://docs.github.com/en/actions/reference/security/oidc.</summary>
internal static class GitHubActions
{
    public static Platform WithNames { get; } = Of("GitHub Actions, sub of names", "repo:octo-org/hello");

    public static Platform WithIds { get; } = Of("GitHub Actions, sub of ids", "repo:octo-org@9919/hello@1296269");

    private static Platform Of(string name, string subject) => new(
        name,
        "GitHub Actions",
        "https://token.actions.githubusercontent.com",
        Platforms.Repository,
        "16123456789",
        now => ClaimsOf(subject, now),
        [
            new("another repository of the same name, made after a rename", claims => claims["repository_id"] = "987654321"),
            new("the same names under an owner that took them", claims => claims["repository_owner_id"] = "123456789"),
            new("a push in a fork", claims =>
            {
                claims["sub"] = "repo:mallory/hello:ref:refs/heads/main";
                claims["repository"] = "mallory/hello";
                claims["repository_id"] = "555666777";
                claims["repository_owner"] = "mallory";
                claims["repository_owner_id"] = "666";
            }),
            new("a fork's pull request that was sent a token", claims =>
            {
                claims["sub"] = subject + ":pull_request";
                claims["event_name"] = "pull_request";
                claims["base_ref"] = "main";
                claims["head_ref"] = "main";
                claims["ref"] = "refs/pull/7/merge";
            }),
            new("pull_request_target, which has the branch's ref", claims =>
            {
                claims["sub"] = subject + ":pull_request";
                claims["event_name"] = "pull_request_target";
                claims["base_ref"] = "main";
                claims["head_ref"] = "patch-1";
            }),
            new("a comment of anyone's", claims => claims["event_name"] = "issue_comment"),
            new("another branch", claims => claims["ref"] = "refs/heads/main-2"),
            new("a tag called as the branch", claims => claims["ref"] = "refs/tags/main"),
            new("a job on a machine that was started so", claims => claims["runner_environment"] = "self-hosted"),
            NearMiss.AnotherAudience("https://github.com/octo-org"),
            NearMiss.TooOld(400),
        ]);

    private static JsonObject ClaimsOf(string subject, long now) => new()
    {
        ["iss"] = "https://token.actions.githubusercontent.com",
        ["aud"] = "https://broker.example",
        ["sub"] = subject + ":ref:refs/heads/main",
        ["iat"] = now,
        ["nbf"] = now - 300,
        ["exp"] = now + 300,
        ["jti"] = "0f3a7a8e-7a86-4b62-9a4c-2f3a5f7f6a10",
        ["actor"] = "octocat",
        ["actor_id"] = "583231",
        ["base_ref"] = "",
        ["check_run_id"] = "45678901234",
        ["event_name"] = "push",
        ["head_ref"] = "",
        ["job_workflow_ref"] = "octo-org/hello/.github/workflows/machines.yml@refs/heads/main",
        ["job_workflow_sha"] = "6dcb09b5b57875f334f61aebed695e2e4193db5e",
        ["ref"] = "refs/heads/main",
        ["ref_protected"] = "true",
        ["ref_type"] = "branch",
        ["repository"] = "octo-org/hello",
        ["repository_id"] = "1296269",
        ["repository_owner"] = "octo-org",
        ["repository_owner_id"] = "9919",
        ["repository_visibility"] = "private",
        ["run_attempt"] = "1",
        ["run_id"] = "16123456789",
        ["run_number"] = "42",
        ["runner_environment"] = "github-hosted",
        ["sha"] = "6dcb09b5b57875f334f61aebed695e2e4193db5e",
        ["workflow"] = "machines",
        ["workflow_ref"] = "octo-org/hello/.github/workflows/machines.yml@refs/heads/main",
        ["workflow_sha"] = "6dcb09b5b57875f334f61aebed695e2e4193db5e",
    };
}
