using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>When the next token expires, and the faults that spoil tokens.</summary>
internal sealed class TokenExpiry(SandboxFaults faults, SandboxClock clock)
{
    public DateTimeOffset Next(HttpContext context, TimeSpan lifetime, out SandboxFault? fault)
    {
        fault = faults.Candidates(FaultStage.Token, SandboxRequest.Of(context)).FirstOrDefault(one => one.TryUse());
        return fault?.Name switch
        {
            SandboxFaultNames.ExpiredToken => clock.Now - fault.Duration(otherwise: 60),
            SandboxFaultNames.ShortToken => clock.Now + fault.Duration(otherwise: 30),
            _ => clock.Now + lifetime,
        };
    }

    public static JsonObject Answer(string token, string expiresAt, SandboxFault? fault)
    {
        var answer = new JsonObject { ["token"] = token, ["expires_at"] = expiresAt };
        if (string.Equals(fault?.Name, SandboxFaultNames.NoToken, StringComparison.Ordinal))
            answer.Remove("token");
        else if (string.Equals(fault?.Name, SandboxFaultNames.EmptyToken, StringComparison.Ordinal))
            answer["token"] = "";
        return answer;
    }
}
