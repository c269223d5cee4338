using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>Runners and their labels.</summary>
internal static class RunnerJson
{
    public static JsonObject Runner(SandboxRunner runner) => new()
    {
        ["id"] = runner.Id,
        ["name"] = runner.Name,
        ["os"] = runner.OperatingSystem,
        ["status"] = runner.Online ? "online" : "offline",
        ["busy"] = runner.Busy,
        ["ephemeral"] = runner.Ephemeral,
        ["runner_group_id"] = runner.RunnerGroupId,
        ["version"] = runner.Version,
        ["labels"] = new JsonArray([.. runner.Labels.Select(Label)]),
    };

    public static JsonObject Labels(SandboxRunner runner) => new()
    {
        ["total_count"] = runner.Labels.Length,
        ["labels"] = new JsonArray([.. runner.Labels.Select(Label)]),
    };

    private static JsonObject Label(SandboxRunnerLabel label) => new()
    {
        ["id"] = label.Id,
        ["name"] = label.Name,
        ["type"] = label.Custom ? "custom" : "read-only",
    };
}
