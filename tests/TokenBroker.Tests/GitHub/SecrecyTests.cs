using System.Text;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class SecrecyTests
{
    [Fact]
    public async Task No_log_or_error_holds_a_credential_or_a_token()
    {
        var (github, broker) = await RecordingGitHub.StartAsync(clock: new ManualClock());
        await using var first = broker;
        await using var second = github;
        var errors = new StringBuilder();
        foreach (var fault in SandboxFaults.Names.Except([SandboxFaultNames.Hang, SandboxFaultNames.Slow], StringComparer.Ordinal))
        {
            // One repository meets it on the way to a token, the other and the enterprise at the mint itself.
            broker.GitHub.Accounts.AddRepository("octo-org", fault);
            broker.GitHub.Accounts.AddRepository("octo-org", fault + "-late");
            broker.GitHub.Faults.Add(fault, times: 6, path: fault + "/", seconds: 1);
            broker.GitHub.Faults.Add(fault, times: 6, path: fault + "-late/actions", seconds: 1);
            broker.GitHub.Faults.Add(fault, times: 6, path: "octo-ent", seconds: 1);
            foreach (var scope in new[] { "repos/octo-org/" + fault, $"repos/octo-org/{fault}-late", TokenRequests.Enterprise })
            {
                var answer = await broker.RequestTokenAsync(scope);
                if (answer.Status != 201)
                    errors.AppendLine(answer.Text);
            }

            // What is remembered of one fault must not answer for GitHub at the next.
            broker.GitHub.Faults.Clear();
            broker.Advance(61);
        }

        var written = broker.Logs.Text + errors;
        Assert.Contains("GitHub answered", written, StringComparison.Ordinal);
        var secrets = github.Requests.Select(request => request.Authorization.Split(' ')[1])
            .Concat(broker.GitHub.IssuedSecrets)
            .Concat(broker.GitHub.AppPrivateKeyPem.Split('\n').Where(line => line.Length > 20 && !line.StartsWith('-')))
            .Append(broker.GitHub.EnterpriseToken)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.True(secrets.Count(secret => secret.StartsWith("eyJ", StringComparison.Ordinal)) > 10, "There are App JWTs to look for.");
        Assert.True(
            secrets.Count(secret => secret.StartsWith("ghs_", StringComparison.Ordinal)) > 5,
            "There are installation tokens to look for.");
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, written, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), written, StringComparison.Ordinal);
        }
    }
}
