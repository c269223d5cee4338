using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>A caller is told a word; what exactly is wrong with its JWT stands in the log.</summary>
public sealed class RefusalLogTests
{
    private readonly ManualClock clock = new();

    [Theory]
    [InlineData("EdDSA", "'EdDSA'")]
    [InlineData("HS256", "'HS256'")]
    [InlineData("none", "'none'")]
    [InlineData("", "missing or malformed")]
    [InlineData("a line\nof a stranger's", "missing or malformed")]
    [InlineData("a-word-that-is-as-long-as-no-algorithm-is", "missing or malformed")]
    public async Task An_unsupported_algorithm_is_named(string algorithm, string shown)
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        await HoldAsync(
            broker,
            broker.Issuer.Sign(header: new { alg = algorithm }),
            AuthenticationAssertions.BadSignature,
            $"its alg is {shown}; accepted are: RS256, RS384,");
    }

    [Fact]
    public async Task A_jwt_that_is_ahead_of_the_clock_says_by_how_much()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.Set("MaximumTokenAge", "01:00:00"), clock);
        await broker.IsServedAsync(broker.Issuer.Sign(new { nbf = At(40), iat = At(40) }));
        await HoldAsync(
            broker,
            broker.Issuer.Sign(new { nbf = At(300), iat = At(300) }),
            AuthenticationAssertions.NotValid,
            "not valid yet: its nbf is 300 s ahead of this clock");
        await HoldAsync(
            broker,
            broker.Issuer.Sign(new { iat = At(300) }),
            AuthenticationAssertions.NotValid,
            "issued in the future: its iat is 300 s ahead of this clock");
    }

    [Fact]
    public async Task An_issuer_that_differs_only_by_case_is_reported_as_such()
    {
        await using var issuer = await IssuerSettings.StartAnotherAsync(clock, issuer: "https://login.example/tenant");
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetIssuer("login", new
        {
            Issuer = "https://LOGIN.example/tenant/",
            JwksUri = issuer.KeysAddress.ToString(),
            Audiences = new[] { "token-broker" },
            RequireHttpsMetadata = false,
        }), clock);
        await HoldAsync(
            broker,
            issuer.Sign(),
            AuthenticationAssertions.UnknownIssuer,
            "its iss differs from that of issuer 'login' only in letter case");
        await HoldAsync(
            broker,
            issuer.Sign(new { iss = "https://LOGIN.example/tenant" }),
            AuthenticationAssertions.UnknownIssuer,
            "its iss and 'https://LOGIN.example/tenant/' differ by a trailing slash");
        await broker.IsServedAsync(issuer.Sign(new { iss = "https://LOGIN.example/tenant/" }));
    }

    [Fact]
    public async Task A_discovery_issuer_that_differs_only_by_case_is_reported_as_such()
    {
        await using var issuer = await IssuerSettings.StartAnotherAsync(clock);
        await using var named = await SandboxIssuer.StartAsync(
            new SandboxIssuerOptions { Algorithm = SandboxSigningKey.Es256, TimeProvider = clock, Issuer = "HTTP://LOCALHOST:1" });
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration.SetIssuer("login", new
            {
                Authority = issuer.AddressText().Replace("http://", "HTTP://", StringComparison.Ordinal),
                Audiences = new[] { "token-broker" },
                RequireHttpsMetadata = false,
            });
            configuration.SetDiscovered("another", named);
        }, clock);
        Assert.Contains(
            broker.Logs.Lines,
            line => line.Level == LogLevel.Warning && line.Message == "Issuer login: its keys cannot be fetched: " +
                $"its discovery document names '{issuer.AddressText()}', which differs from its Authority only in letter case; "
                    + "write the Authority exactly as the issuer does");
        Assert.Contains(broker.Logs.Lines, line => line.Message.StartsWith(
            "Issuer another: its keys cannot be fetched: its discovery document names an issuer other than its Authority",
            StringComparison.Ordinal));
        await HoldAsync(
            broker,
            issuer.Sign(),
            AuthenticationAssertions.UnknownIssuer,
            "its iss differs from that of issuer 'login' only in letter case");
    }

    [Theory]
    [InlineData("logout+jwt", "'logout+jwt'")]
    [InlineData("a line\nof a stranger's", "missing or malformed")]
    public async Task Another_purpose_is_named(string type, string shown)
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        await HoldAsync(
            broker,
            broker.Issuer.Sign(header: new { typ = type }),
            AuthenticationAssertions.NotValid,
            $"its typ is {shown}, so it is not a bearer token");
        await HoldAsync(
            broker,
            broker.Issuer.Sign(new { cnf = new { jkt = "a" } }),
            AuthenticationAssertions.NotValid,
            "its cnf binds it to a key, which the broker cannot verify");
        await HoldAsync(broker, new string('a', 17_000), AuthenticationAssertions.NotValid, "it is longer than 16384 characters");
    }

    private long At(int seconds) => clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    private static async Task HoldAsync(TestBroker broker, string jwt, string detail, string cause)
    {
        await broker.IsRefusedAsync(jwt, detail);
        var line = broker.Logs.Lines.Last(line => line.Level
            == LogLevel.Information && line.Message.StartsWith("Caller refused", StringComparison.Ordinal)).Message;
        Assert.True(line.Contains(cause, StringComparison.Ordinal), line);
        Assert.DoesNotContain('\n', line);
    }
}
