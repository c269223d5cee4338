using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>
/// Something else answers in an issuer's place. The log and doctor tell what is wrong in the same words, and quote nothing of it.
/// </summary>
public sealed class UnusableAnswerTests
{
    private const string Secret = "hunter2";
    private const string Good = """{ "issuer": "ADDRESS", "jwks_uri": "ADDRESS/jwks" }""";

    public static TheoryData<string, string, string, string> Answers { get; } = new()
    {
        { "a log-in page", $"<html>\n<input value={Secret}></html>", "", "its answer is not JSON" },
        { "JSON that is deep", Deep(), "", "its answer is not JSON" },
        { "JSON that is no object", $"[\"{Secret}\"]", "", "its answer is not a JSON object" },
        { "nothing", "", "", "its answer is not JSON" },
        { "more than is read", $$"""{ "{{Secret}}": "{{new string('a', 300_000)}}" """
            + $$"""}""", "", "its answer is too large" },
        { "an issuer that is a number", $$"""{ "issuer": 7, "jwks_uri": "{{Secret}}" """
            + $$"""}""", "", "its answer is not a discovery document: a member has the wrong type" },
        { "no address of keys", $$"""{ "issuer": "ADDRESS", "{{Secret}}": "a" }""", "", "its discovery document has no jwks_uri" },
        { "a log-in page for keys", Good, $"<html>{Secret}</html>", "its answer is not JSON" },
        { "keys that are deep", Good, Deep(), "its answer is not JSON" },
        { "keys that are a number", Good, $$"""{ "keys": 7, "a": "{{Secret}}" }""", "its answer for its keys is not a JSON Web Key "
            + "Set" },
        { "a secret key", Good, $$"""{ "keys": [{ "kty": "oct", "k": "{{Secret}}" }] """
            + $$"""}""", "its answer for its keys holds no asymmetric signing key" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Unusable_values_are_reported_and_not_quoted(string what, string discovery, string keys, string told)
    {
        await using var server = await ServeAsync(discovery, keys);
        var settings = new { Authority = server.Urls.Single(), Audiences = new[] { "a" }, RequireHttpsMetadata = false };
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration.SetIssuer("other", settings),
            waitUntilReady: false);
        await Eventually.IsTrueAsync(
            () => broker.Logs.Text.Contains("Issuer other: its keys cannot be fetched", StringComparison.Ordinal),
            what + " was told");
        Assert.Equal(
            "Issuer other: its keys cannot be fetched: " + told,
            broker.Logs.Lines.First(line => line.Message.StartsWith("Issuer other: its keys", StringComparison.Ordinal)).Message);
        Assert.DoesNotContain(broker.Logs.Lines, line => line.Message.Contains(Secret, StringComparison.Ordinal)
            || line.Exception?.ToString().Contains(Secret, StringComparison.Ordinal) == true);

        await using var fixture = await DoctorFixture.StartAsync();
        fixture.IssuerSettings["Authority"] = server.Urls.Single();
        var report = await fixture.RunDoctorAsync();
        report.IsOnly("FAULT", "issuer 'sandbox': its keys cannot be fetched from http://127.0.0.1", told, "Check the address");
        Assert.DoesNotContain(Secret, report.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_issuer_is_reported_as_such()
    {
        var clock = new ManualClock();
        await using var issuer = await IssuerSettings.StartAnotherAsync(clock);
        issuer.Fail(SandboxIssuerFault.Hang);
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration.SetDiscovered("other", issuer),
            clock,
            waitUntilReady: false);
        await Eventually.IsTrueAsync(() => issuer.DiscoveryFetches > 0, "the issuer was asked");
        clock.Advance(TimeSpan.FromSeconds(5));
        await Eventually.IsTrueAsync(
            () => broker.Logs.Lines.Any(line => line.Message == "Issuer other: its keys cannot be fetched: no answer in time"),
            "it was told");
    }

    private static string Deep() => $$"""{ "{{Secret}}": {{new string('[', 200)}}{{new string(']', 200)}} }""";

    private static async Task<WebApplication> ServeAsync(string discovery, string keys)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(context => context.Response.WriteAsync(
            (context.Request.Path == "/jwks" ? keys : discovery).Replace(
                "ADDRESS",
                "http://" + context.Request.Host,
                StringComparison.Ordinal)));
        await server.StartAsync();
        return server;
    }
}
