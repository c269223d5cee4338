using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Commands;

public sealed class TokenCommandTests
{
    [Theory]
    [InlineData("orgs/octo-org", "registration-token")]
    [InlineData("repos/Octo-Org/hello", "remove-token")]
    [InlineData("enterprises/octo-ent", "registration-token")]
    public async Task It_requests_a_token_and_prints_only_its_expiry(string scope, string operation)
    {
        await using var broker = await TestBroker.StartAsync();
        var (code, output, errors) = await AskAsync(broker, broker.Issuer.Sign(), "--scope", scope, "--operation", operation);
        Assert.Equal(0, code);
        Assert.Matches($"{scope.ToLowerInvariant()}/actions/runners/{operation}: a token that expires at 20", output);
        Assert.Empty(errors);
        Assert.All(broker.GitHub.IssuedSecrets, secret => Assert.DoesNotContain(secret, output, StringComparison.Ordinal));
        Assert.Equal(1, broker.GitHub.Requests.Count(operation == "remove-token"
            ? SandboxRequestKind.RemoveToken
            : SandboxRequestKind.RegistrationToken));
    }

    [Fact]
    public async Task A_refusal_is_logged_with_its_reason_and_without_the_JWT()
    {
        await using var broker = await TestBroker.StartAsync();
        var jwt = broker.Issuer.Sign();
        var (code, output, errors) = await AskAsync(broker, jwt, "--scope", "orgs/octo-two");
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains(": 403 ", errors, StringComparison.Ordinal);
        Assert.Contains("policy-denied", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(jwt, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_503_is_waited_for()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.BadGateway, path: "registration-token");
        var given = await AskAsync(broker, broker.Issuer.Sign(), "--scope", "orgs/octo-org", "--wait", "0");
        Assert.Equal(1, given.Code);
        Assert.Contains(": 503 ", given.Errors, StringComparison.Ordinal);

        var waiting = AskAsync(broker, broker.Issuer.Sign(), "--scope", "orgs/octo-org", "--wait", "60");
        broker.GitHub.Faults.Clear();
        Assert.Equal(0, (await waiting).Code);
    }

    [Theory]
    [InlineData(null, "is missing.")]
    [InlineData("", "is empty")]
    [InlineData("two\nlines", "the file does not contain a JWT")]
    public async Task A_file_without_a_JWT_is_reported(string? content, string fault)
    {
        using var files = new TemporaryFolder();
        var path = content is null ? files.PathOf("none") : files.Write("jwt", content);
        var (code, _, errors) = await CommandLineTests.RunAsync(
            "token",
            "--url",
            "http://127.0.0.1:1",
            "--scope",
            "orgs/octo-org",
            "--token-file",
            path,
            "--wait",
            "0");
        Assert.Equal(1, code);
        Assert.Contains(fault, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("lines", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_broker_is_reported()
    {
        using var files = new TemporaryFolder();
        var (code, _, errors) = await CommandLineTests.RunAsync(
            "token", "--url", "http://127.0.0.1:1", "--scope", "orgs/octo-org", "--token-file", files.Write("jwt", "x"), "--wait", "0");
        Assert.Equal(1, code);
        Assert.Contains("refused", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> AskAsync(TestBroker broker, string jwt, params string[] options)
    {
        using var files = new TemporaryFolder();
        string[] place = ["token", "--url", broker.Address.ToString(), "--token-file", files.Write("jwt", jwt + "\n")];
        return await CommandLineTests.RunAsync([.. place, .. options]);
    }
}
