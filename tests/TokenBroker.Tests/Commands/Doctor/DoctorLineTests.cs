namespace TokenBroker.Tests.Commands.Doctor;

public sealed class DoctorLineTests
{
    [Fact]
    public async Task Configuration_faults_are_reported_as_at_start()
    {
        using var files = new TemporaryFolder();
        var (code, output, errors) = await CommandLineTests.RunAsync(
            "doctor",
            "--config",
            files.Write("broker.json", """{ "GitHub": { "ApiUrl": "ftp://x" } }"""));
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains("The broker does not start: ", errors, StringComparison.Ordinal);
        Assert.Contains("  GitHub:ApiUrl: ", errors, StringComparison.Ordinal);
        Assert.Contains("  Authentication:Issuers: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_reported()
    {
        var (code, _, errors) = await CommandLineTests.RunAsync("doctor", "--config", "/missing/broker.json");
        Assert.Equal(1, code);
        Assert.Contains("TOKENBROKER_CONFIG: the file '/missing/broker.json' is missing.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3601")]
    [InlineData("soon")]
    public async Task A_timeout_is_a_number_of_seconds(string timeout)
    {
        var (code, _, errors) = await CommandLineTests.RunAsync("doctor", "--timeout", timeout);
        Assert.Equal(2, code);
        Assert.StartsWith("--timeout must be whole seconds, 1 to 3600.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_its_options()
    {
        var (code, output, _) = await CommandLineTests.RunAsync("doctor", "--help");
        Assert.Equal(0, code);
        Assert.Contains("--config FILE", output, StringComparison.Ordinal);
        Assert.Contains("--timeout SECONDS", output, StringComparison.Ordinal);
    }
}
