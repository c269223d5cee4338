using Microsoft.AspNetCore.Builder;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Commands;

/// <summary>What is written on the line is in force, or the broker does not start.</summary>
public sealed class ServingArgumentsTests
{
    [Theory]
    [InlineData("--config", "FILE")]
    [InlineData("--config=FILE")]
    [InlineData("--Config", "FILE", "--urls", "http://127.0.0.1:0")]
    [InlineData("/config", "FILE")]
    [InlineData("config=FILE")]
    [InlineData("--TOKENBROKER_CONFIG", "FILE")]
    [InlineData(
        "--urls=http://127.0.0.1:0",
        "--environment=Production",
        "--contentRoot=/",
        "--applicationName=TokenBroker",
        "--OTEL_SDK_DISABLED=true",
        "--config",
        "FILE")]
    [InlineData(
        "--Logging:LogLevel:Default",
        "Warning",
        "--Kestrel:Endpoints:a:Url=http://127.0.0.1:0",
        "--http_ports=8080",
        "--webroot=/",
        "--DOTNET_RUNNING_IN_CONTAINER=false",
        "--config",
        "FILE")]
    [InlineData("--config", "FILE", "--RateLimit:Burst", "5", "")]
    public async Task The_lines_file_is_served_and_the_framework_keeps_its_words(params string[] words)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration["GitHub"]!["MaxConcurrentRequests"] = 17);
        await using var served = Build([.. words.Select(word => word.Replace("FILE", broker.ConfigurationPath, StringComparison.Ordinal))]);
        Assert.Equal("17", served.Configuration["GitHub:MaxConcurrentRequests"]);
    }

    [Theory]
    [InlineData("The command line: '--RateLimt' is unknown; check its spelling.", "--RateLimt:Burst", "5")]
    [InlineData(
        "The command line: '--GitHub__ApiUrl' is unknown; check its spelling.",
        "--GitHub__ApiUrl=https://ghe.example/api/v3")]
    [InlineData("The command line: '--configuration' is unknown; check its spelling.", "configuration=new.json")]
    [InlineData("The command line: '--check' needs a value.", "--check")]
    [InlineData("The command line: '--check' is a command, which must come first and without hyphens.", "--check=true")]
    [InlineData(
        "The command line: '--ASPNETCORE_URLS' is the name of an environment variable. Omit 'ASPNETCORE_' here.",
        "--ASPNETCORE_URLS=http://127.0.0.1:0")]
    [InlineData("The command line: '--GitHub:ApiUrl' needs a value.", "--GitHub:ApiUrl")]
    [InlineData("The command line: '--GitHub:ApiUrl' needs a value.", "--GitHub:ApiUrl", "--urls", "http://127.0.0.1:0")]
    [InlineData("The command line: '--config' needs a value.", "--config=")]
    [InlineData("The command line: '--config' needs a value.", "--config", "")]
    [InlineData(
        "The command line: word 3 has no key. Write --KEY VALUE; a command must come first.",
        "--urls",
        "http://127.0.0.1:0",
        "ghp_hunter2")]
    [InlineData("The command line: word 1 has no key. Write --KEY VALUE; a command must come first.", "-c", "hunter2.json")]
    [InlineData(
        "The command line: one of its keys is unknown; check its spelling.",
        "--ghp_hunter2hunter2hunter2hunter2hunter2",
        "x")]
    [InlineData("TOKENBROKER_CONFIG: the file '/nowhere/broker.json' is missing.", "--config", "/nowhere/broker.json")]
    public void A_slip_on_the_line_is_a_fault(string fault, params string[] words)
    {
        var told = Assert.Single(StartupFaults.From(Assert.ThrowsAny<Exception>(() => Build(words))));
        Assert.Equal(fault, told);
        Assert.DoesNotContain("hunter2", told, StringComparison.Ordinal);
    }

    private static WebApplication Build(params string[] words) => Program.Build(words);
}
