using System.Diagnostics;
using TokenBroker.Tests.Commands;

namespace TokenBroker.Tests.Configuration;

/// <summary>Who opens a named pipe that nobody writes to waits for ever, and would not say for what.</summary>
public sealed class PipeTests
{
    private const string Told = "is a pipe, which can be read only once: write its content to a file.";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_pipe_in_a_files_place_is_a_fault()
    {
        using var files = new TemporaryFolder();
        var pipe = await PipeAsync(files);
        var link = File.CreateSymbolicLink(files.PathOf("link"), pipe).FullName;
        foreach (var path in new[] { pipe, link })
        {
            await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", path));
            Assert.Equal(1, await broker.ExitCodeAsync());
            Assert.Contains($"  TOKENBROKER_CONFIG: the file '{path}' {Told}", broker.Output, StringComparison.Ordinal);
        }

        await using var secrets = BrokerProcess.Start(
            ("GitHub__App__ClientId", "x"),
            ("GitHub__App__PrivateKeyPath", pipe),
            ("GitHub__CaCertificatePath", link),
            ("GitHub__EnterpriseTokenPath", "/dev/zero"));
        Assert.Equal(1, await secrets.ExitCodeAsync());
        Assert.Contains($"  GitHub:App:PrivateKeyPath: the file '{pipe}' {Told}", secrets.Output, StringComparison.Ordinal);
        Assert.Contains($"  GitHub:CaCertificatePath: the file '{link}' {Told}", secrets.Output, StringComparison.Ordinal);
        Assert.Contains(
            "  GitHub:EnterpriseTokenPath: the file '/dev/zero' is a device or a socket, not a file.",
            secrets.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_does_not_wait_for_a_configuration_from_a_pipe()
    {
        using var files = new TemporaryFolder();
        var pipe = await PipeAsync(files);
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", pipe).WaitAsync(LongestWait, TimeProvider.System);
        Assert.Equal(1, code);
        Assert.Contains($"fault    TOKENBROKER_CONFIG: the file '{pipe}' {Told}", output, StringComparison.Ordinal);
    }

    /// <summary>What a shell makes of <c>&lt;(…)</c> and <c>|</c> is read once by a command, and once is enough.</summary>
    [Theory]
    [InlineData("dotnet $0 explain --config $1 --scope orgs/octo-org --unverified --token-file <(cat $2)", 0, "ALLOWED")]
    [InlineData("cat $2 | dotnet $0 explain --config $1 --scope orgs/octo-org --unverified --token-file /dev/stdin", 0, "ALLOWED")]
    [InlineData("dotnet $0 check --config <(cat $1)", 0, "0 faults")]
    [InlineData("GitHub__App__PrivateKeyPath=<(cat $3) dotnet $0 check --config $1", 1, "' " + Told)]
    public async Task A_command_reads_what_a_shell_hands_it(string line, int code, string told)
    {
        await using var broker = await TestBroker.StartAsync();
        using var files = new TemporaryFolder();
        var jwt = files.Write("jwt", broker.Issuer.Sign());
        using var bash = Process.Start(new ProcessStartInfo("bash", [
            "-c",
            line,
            Path.Combine(AppContext.BaseDirectory, "TokenBroker.dll"),
            broker.ConfigurationPath,
            jwt,
            files.Write("app.pem", broker.GitHub.AppPrivateKeyPem),
        ])
        { RedirectStandardOutput = true, UseShellExecute = false })!;
        using var deadline = new CancellationTokenSource(LongestWait);
        var output = await bash.StandardOutput.ReadToEndAsync(deadline.Token);
        await bash.WaitForExitAsync(deadline.Token);
        Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.Equal(code, bash.ExitCode);
    }

    private static async Task<string> PipeAsync(TemporaryFolder files)
    {
        var path = files.PathOf("pipe");
        using var made = Process.Start("mkfifo", [path]);
        await made.WaitForExitAsync();
        return path;
    }
}
