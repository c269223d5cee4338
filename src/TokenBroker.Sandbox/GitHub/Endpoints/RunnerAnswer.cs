using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Writes responses of runner endpoints, with members that a future GitHub might add if a fault requests them.</summary>
internal sealed class RunnerAnswer(SandboxFaults faults)
{
    public const string UnknownMember = "from_the_future";

    public Task WriteAsync(HttpContext context, int status, JsonNode body)
    {
        if (faults.Candidates(FaultStage.Answer, SandboxRequest.Of(context)).Any(fault => fault.TryUse()))
            Extend(body);
        return GitHubJson.WriteAsync(context, status, body);
    }

    private static void Extend(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (var item in array)
                    Extend(item);
                break;
            case JsonObject json:
                foreach (var (_, member) in json.ToArray())
                    Extend(member);
                json[UnknownMember] = JsonNode.Parse(
                    """{"text":"é \u2028 <&>","number":12345678901234567890.123,"list":[null,{"deep":true}]}""");
                break;
        }
    }
}
