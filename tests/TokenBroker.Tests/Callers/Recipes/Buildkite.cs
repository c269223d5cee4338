using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://buildkite.com/docs/agent/cli/reference/oidc.</summary>
internal static class Buildkite
{
    public static Platform Job { get; } = new(
        "Buildkite",
        "Buildkite",
        "https://agent.buildkite.com",
        Platforms.Repository,
        "0184990a-477b-4fa8-9968-496074483cff",
        now => new JsonObject
        {
            ["iss"] = "https://agent.buildkite.com",
            ["aud"] = "https://broker.example",
            ["sub"] = "organization:octo:pipeline:hello:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:machines",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 300,
            ["jti"] = null,
            ["organization_slug"] = "octo",
            ["organization_id"] = "0184990a-477b-4fa8-9968-496074483cee",
            ["pipeline_slug"] = "hello",
            ["pipeline_id"] = "0184990a-4782-42b5-afc1-16715b10b8ff",
            ["build_number"] = 42,
            ["build_branch"] = "main",
            ["build_tag"] = "",
            ["build_commit"] = "9f3182061f1e2cca4702c368cbc039b7dc9d4485",
            ["build_source"] = "webhook",
            ["step_key"] = "machines",
            ["job_id"] = "0184990a-477b-4fa8-9968-496074483cff",
            ["agent_id"] = "0184990a-4782-42b5-afc1-16715b10b800",
            ["runner_environment"] = "self-hosted",
        },
        [
            new("another organization of the same slugs", claims => claims["organization_id"] = "ffffffff-477b-4fa8-9968-496074483cee"),
            new("another pipeline", claims => claims["pipeline_id"] = "ffffffff-4782-42b5-afc1-16715b10b8ff"),
            new("no --claim organization_id", claims => claims.Remove("organization_id")),
            new("no --claim pipeline_id", claims => claims.Remove("pipeline_id")),
            new("a fork's pull request", claims => claims["build_branch"] = "mallory:main"),
            NearMiss.AnotherAudience("sts.amazonaws.com"),
            NearMiss.TooOld(400),
        ]);
}
