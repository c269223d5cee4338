using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Makes a runner that has yet to connect, and the configuration it connects with.</summary>
internal sealed class JitConfigurationEndpoint(
    ScopeAccess access,
    SandboxRunners runners,
    Secrets secrets,
    SandboxFaults faults,
    RunnerAnswer answer)
{
    private const int LongestName = 64;
    private const int LongestFolder = 1024;

    // See https://docs.github.com/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization
    public void Map(IEndpointRouteBuilder scope) => scope.MapPost("/generate-jitconfig", access.Write(MakeAsync));

    private async Task MakeAsync(HttpContext context, SandboxScope scope)
    {
        if (await JsonBody.ReadAsync(context) is not { } body)
        {
            await GitHubError.UnparsableAsync(context);
            return;
        }

        var fields = new RunnerFields(body);
        var name = fields.Text("name", LongestName);
        var group = fields.Number("runner_group_id");
        var labels = fields.Labels(least: 1);
        var folder = fields.Text("work_folder", LongestFolder, otherwise: "_work");
        if (fields.Errors.Count > 0)
            await GitHubError.InvalidAsync(context, fields.Errors);
        else if (!runners.HasGroup(group))
            await GitHubError.NotFoundAsync(context);
        else if (runners.Prepare(scope, name, group, labels) is { } runner)
            await answer.WriteAsync(context, StatusCodes.Status201Created, Describe(context, runner, folder));
        else
        {
            await GitHubError.WriteAsync(
                context, StatusCodes.Status409Conflict, $"Already exists - A runner with the name {name} already exists.");
        }
    }

    private JsonObject Describe(HttpContext context, SandboxRunner runner, string folder)
    {
        var json = new JsonObject
        {
            ["runner"] = RunnerJson.Runner(runner),
            ["encoded_jit_config"] = secrets.JitConfiguration(runner.Name, folder),
        };
        var fault = faults.Candidates(FaultStage.Token, SandboxRequest.Of(context))
            .FirstOrDefault(one => one.Name is SandboxFaultNames.NoToken or SandboxFaultNames.EmptyToken && one.TryUse());
        if (string.Equals(fault?.Name, SandboxFaultNames.NoToken, StringComparison.Ordinal))
            json.Remove("encoded_jit_config");
        else if (fault is not null)
            json["encoded_jit_config"] = "";
        return json;
    }
}
