using TokenBroker.Commands;

namespace TokenBroker.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData(true, "healthcheck")]
    [InlineData(true, "token", "--scope", "orgs/a")]
    [InlineData(true, "no-such-command")]
    [InlineData(true, "--help")]
    [InlineData(true, "-h")]
    [InlineData(false)]
    [InlineData(false, "--urls", "http://localhost:1")]
    [InlineData(false, "--urls=http://localhost:1", "token")]
    [InlineData(false, "urls=http://localhost:1")]
    [InlineData(false, "/urls", "http://localhost:1")]
    [InlineData(false, "")]
    public void A_command_is_distinguished_from_configuration(bool isCommand, params string[] words) =>
        Assert.Equal(isCommand, CommandLine.IsCommand(words));

    [Theory]
    [InlineData("Unknown command 'mint'.", "mint")]
    [InlineData("Unknown option '--colour'.", "token", "--colour", "red")]
    [InlineData("Unknown option 'orgs/a'.", "token", "orgs/a")]
    [InlineData("--scope needs a value.", "token", "--scope")]
    [InlineData("--scope is given twice.", "token", "--scope", "orgs/a", "--scope=orgs/b")]
    [InlineData("--token-file is missing.", "token", "--url", "http://localhost", "--scope", "orgs/a")]
    [InlineData("--url must be an address", "token", "--url", "localhost", "--scope", "orgs/a", "--token-file", "x")]
    [InlineData("--scope must be", "token", "--url", "http://localhost", "--scope", "users/a", "--token-file", "x")]
    [InlineData("--scope must be", "token", "--url", "http://localhost", "--scope", "repos/a/..", "--token-file", "x")]
    [InlineData(
        "--operation must be",
        "token",
        "--url",
        "http://localhost",
        "--scope",
        "orgs/a",
        "--token-file",
        "x",
        "--operation",
        "delete")]
    [InlineData("--wait must be", "token", "--url", "http://localhost", "--scope", "orgs/a", "--token-file", "x", "--wait", "-1")]
    [InlineData("--config needs a value.", "check", "--config")]
    [InlineData("--config needs a value.", "check", "--config=")]
    [InlineData("--config needs a value.", "explain", "--scope", "orgs/a", "--token-file", "x", "--config", "")]
    [InlineData("--token-file is missing.", "explain", "--scope", "orgs/a")]
    [InlineData("--scope must be", "explain", "--scope", "users/a", "--token-file", "x")]
    [InlineData(
        "--operation must be one of registration-token, remove-token",
        "explain",
        "--scope",
        "orgs/a",
        "--token-file",
        "x",
        "--operation",
        "everything")]
    [InlineData("--unverified takes no value.", "explain", "--scope", "orgs/a", "--token-file", "x", "--unverified=yes")]
    [InlineData("Unknown option 'yes'.", "explain", "--scope", "orgs/a", "--token-file", "x", "--unverified", "yes")]
    [InlineData("--url must be an address", "healthcheck", "--url", "ftp://localhost")]
    public async Task A_line_that_cannot_be_understood_is_answered_with_why_and_with_the_usage(string fault, params string[] words)
    {
        var (code, output, errors) = await RunAsync(words);
        Assert.Equal(2, code);
        Assert.StartsWith(fault, errors, StringComparison.Ordinal);
        Assert.Contains("Usage: dotnet TokenBroker.dll", errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Theory]
    [InlineData("healthcheck", "--help")]
    [InlineData("token", "--help")]
    [InlineData("check", "--help")]
    [InlineData("explain", "--help")]
    [InlineData("  check ", "help")]
    [InlineData("  explain ", "-h")]
    [InlineData("  token ", "help")]
    [InlineData("  healthcheck ", "-h")]
    public async Task Help_is_not_a_fault(string contained, params string[] words)
    {
        var line = words is ["--help"] ? [contained, "--help"] : words;
        var (code, output, errors) = await RunAsync(line);
        Assert.Equal(0, code);
        Assert.Contains(contained, output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    internal static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(words, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
