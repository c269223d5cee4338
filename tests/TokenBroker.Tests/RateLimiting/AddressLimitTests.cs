using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Tests.RateLimiting;

/// <summary>Requests that do not authenticate are limited by the address that they come from.</summary>
public sealed class AddressLimitTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("no-jwt-at-all")]
    public async Task An_address_is_limited_and_a_caller_behind_it_is_not(string? jwt)
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        await SpendAsync(broker, jwt);
        for (var round = 0; round < 3; round++)
        {
            var limited = await AskAsync(broker, jwt);
            var wait = limited.IsLimited("address");
            Assert.Null(limited.Header("WWW-Authenticate"));
            Assert.DoesNotContain("refused", limited.Text, StringComparison.Ordinal);
            (await broker.GetCallerAsync("vm-" + round)).Is(200);
            broker.Clock!.Advance(wait);
            (await AskAsync(broker, jwt)).Is(401);
        }
    }

    [Fact]
    public async Task Callers_do_not_use_up_the_limit_of_their_address()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        for (var number = 0; number < 5 * RateLimitedBroker.Burst; number++)
            (await broker.GetCallerAsync("vm-" + number)).Is(200);
        await SpendAsync(broker, jwt: null);
    }

    [Fact]
    public async Task A_guesser_does_not_fill_the_log()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        await SpendAsync(broker, "a-guess");
        Assert.Equal(RateLimitedBroker.Burst, Refusals());
        for (var time = 0; time < 20; time++)
            (await AskAsync(broker, "a-guess")).IsLimited("address");
        Assert.Equal(RateLimitedBroker.Burst, Refusals());
        Assert.Equal(20, broker.Logs.Lines.Count(
            line => line.Level == LogLevel.Debug && line.Message.StartsWith("Answered too-many-requests: ", StringComparison.Ordinal)));

        int Refusals() => broker.Logs.Lines
            .Count(line => line.Level >= LogLevel.Information
                && line.Category.EndsWith("UnauthenticatedCallers", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_issuer_that_cannot_be_reached_is_not_its_callers_fault()
    {
        await using var broker =
            await RateLimitedBroker.StartAsync(configuration => configuration["Authentication"]!["Issuers"]!["gone"] = JsonNode.Parse(
                """{ "Issuer": "http://127.0.0.1:9", "JwksUri": "http://127.0.0.1:9/keys","""
                    + """ "Audiences": [ "token-broker" ], "RequireHttpsMetadata": false }"""));
        var jwt = broker.Issuer.Sign(new { iss = "http://127.0.0.1:9" });
        for (var time = 0; time < 2 * RateLimitedBroker.Burst; time++)
            (await AskAsync(broker, jwt)).IsFailure(503, "issuer-unavailable");
        (await AskAsync(broker, jwt: null)).Is(401);
    }

    [Fact]
    public async Task A_forged_address_is_not_believed()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        await SpendAsync(broker, jwt: null, from: "198.51.100.1");
        (await AskAsync(broker, jwt: null, from: "198.51.100.2")).IsLimited("address");
    }

    [Fact]
    public async Task A_configured_proxys_word_is_taken()
    {
        await using var broker = await RateLimitedBroker.StartAsync(BehindProxy);
        await SpendAsync(broker, jwt: null, from: "198.51.100.1");
        (await AskAsync(broker, jwt: null, from: "198.51.100.1")).IsLimited("address");

        // What the client sent itself stands before what the proxy adds.
        (await AskAsync(broker, jwt: null, from: "198.51.100.7, 198.51.100.1")).IsLimited("address");
        (await AskAsync(broker, jwt: null, from: "198.51.100.2")).Is(401);
    }

    /// <summary>What a client behind a known proxy writes may itself be a known proxy's address.</summary>
    [Theory]
    [InlineData(null, "192.0.2.1")]
    [InlineData(1, "192.0.2.1")]
    [InlineData(2, "198.51.100.1")]
    [InlineData(3, "198.51.100.1")]
    public async Task As_many_proxies_are_believed_as_there_are(int? proxies, string counted)
    {
        await using var broker = await RateLimitedBroker.StartAsync(configuration =>
        {
            configuration["ForwardedHeaders"] = new JsonObject { ["KnownProxies"] = new JsonArray("127.0.0.1", "192.0.2.1") };
            if (proxies is not null)
                configuration["ForwardedHeaders"]!["ForwardLimit"] = proxies;
        });
        await SpendAsync(broker, jwt: null, from: "198.51.100.7, 198.51.100.1, 192.0.2.1");
        (await AskAsync(broker, jwt: null, from: counted)).IsLimited("address");
        (await AskAsync(broker, jwt: null, from: "198.51.100.7")).Is(401);
    }

    [Fact]
    public async Task Of_IPv6_a_whole_network_is_one_address()
    {
        await using var broker = await RateLimitedBroker.StartAsync(BehindProxy);
        for (var host = 1; host <= RateLimitedBroker.Burst; host++)
            (await AskAsync(broker, jwt: null, from: $"2001:db8:1:2::{host}")).Is(401);
        (await AskAsync(broker, jwt: null, from: "2001:db8:1:2:ffff::1")).IsLimited("address");
        (await AskAsync(broker, jwt: null, from: "2001:db8:1:3::1")).Is(401);
    }

    private static void BehindProxy(JsonObject configuration) =>
        configuration["ForwardedHeaders"] = new JsonObject { ["KnownProxies"] = new JsonArray("127.0.0.1") };

    private static async Task SpendAsync(TestBroker broker, string? jwt, string? from = null)
    {
        for (var time = 0; time < RateLimitedBroker.Burst; time++)
            (await AskAsync(broker, jwt, from)).IsFailure(401, "unauthenticated");
    }

    private static Task<ApiResponse> AskAsync(TestBroker broker, string? jwt, string? from = null) =>
        broker.SendAsync("GET", "/caller", change: request =>
        {
            request.As(jwt);
            if (from is not null)
                request.Headers.TryAddWithoutValidation("X-Forwarded-For", from);
        });
}
