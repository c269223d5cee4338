namespace TokenBroker.Tests.Authentication;

/// <summary>Times of JWTs to the second, by a clock that stands still.</summary>
public sealed class TokenAgeTests
{
    private readonly ManualClock clock = new();

    [Theory]
    [InlineData(600, 0, null, "new")]
    [InlineData(-59, 0, null, "expired within the skew")]
    [InlineData(-60, 0, AuthenticationAssertions.Expired, "expired by all of the skew")]
    [InlineData(600, 60, null, "in force at the end of the skew")]
    [InlineData(600, 61, AuthenticationAssertions.NotValid, "in force after the skew")]
    public async Task The_skew_is_one_minute(int exp, int nbf, string? detail, string what)
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        await HoldAsync(broker, broker.Issuer.Sign(new { exp = At(exp), nbf = At(nbf) }), detail, what);
    }

    public static TheoryData<object?, string?, string> Ages => new()
    {
        { 0, null, "new" },
        { -600, null, "just old enough" },
        { -660, null, "at the end of the skew" },
        { -661, AuthenticationAssertions.Expired, "too old" },
        { 60, null, "ahead by the skew" },
        { 61, AuthenticationAssertions.NotValid, "from the future" },
        { null, AuthenticationAssertions.NotValid, "missing" },
        { "text", AuthenticationAssertions.NotValid, "a text" },
        { true, AuthenticationAssertions.NotValid, "a boolean" },
        { 1e300, AuthenticationAssertions.NotValid, "huge" },
        { "1777636800", AuthenticationAssertions.NotValid, "a number as text" },
        { -1L, AuthenticationAssertions.Expired, "negative" },
    };

    [Theory]
    [MemberData(nameof(Ages))]
    public async Task An_issuers_maximum_age_counts_from_iat(object? iat, string? detail, string what)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.Set("MaximumTokenAge", "00:10:00"), clock);
        var claims = new Dictionary<string, object?> { ["iat"] = iat is int seconds ? At(seconds) : iat };
        await HoldAsync(broker, broker.Issuer.Sign(claims), detail, what);
    }

    [Fact]
    public async Task A_jwt_ends_while_the_broker_runs()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.Set("MaximumTokenAge", "00:10:00"), clock);
        var jwt = broker.Issuer.Sign();
        await broker.IsServedAsync(jwt);
        clock.Advance(TimeSpan.FromMinutes(11));
        await broker.IsServedAsync(jwt);
        clock.Advance(TimeSpan.FromSeconds(1));
        await broker.IsRefusedAsync(jwt, AuthenticationAssertions.Expired);
    }

    private long At(int seconds) => clock.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    private static async Task HoldAsync(TestBroker broker, string jwt, string? detail, string what)
    {
        Assert.NotEmpty(what);
        if (detail is null)
            await broker.IsServedAsync(jwt);
        else
            await broker.IsRefusedAsync(jwt, detail);
    }
}
