namespace TokenBroker.Tests.Authentication;

/// <summary>Keys from a file, which is read again when it changes.</summary>
public sealed class KeyFileTests
{
    private static readonly TimeSpan Polling = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_changed_file_is_in_use_after_the_next_poll()
    {
        var clock = new ManualClock();
        using var former = new RawJwtSigner();
        using var present = new RawJwtSigner();
        await using var broker = await StartAsync(former, clock);
        await broker.IsServedAsync(Sign(former, clock));
        await broker.IsRefusedAsync(Sign(present, clock), AuthenticationAssertions.BadSignature);

        broker.WriteFile("keys.json", present.KeySet);
        await PollAsync(broker, "keys.json changed");
        await broker.IsServedAsync(Sign(present, clock));
        await broker.IsRefusedAsync(Sign(former, clock), AuthenticationAssertions.BadSignature);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{", "half-written")]
    [InlineData("{\"keys\":[]}", "no key")]
    [InlineData("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", "a symmetric key")]
    public async Task A_bad_new_version_keeps_the_old_until_a_good_one_comes(string content, string why)
    {
        Assert.NotEmpty(why);
        var clock = new ManualClock();
        using var former = new RawJwtSigner();
        using var present = new RawJwtSigner();
        await using var broker = await StartAsync(former, clock);

        broker.WriteFile("keys.json", content);
        await PollAsync(broker, "keys.json cannot be used");
        await broker.IsServedAsync(Sign(former, clock));

        broker.WriteFile("keys.json", present.KeySet);
        await PollAsync(broker, "keys.json changed");
        await broker.IsServedAsync(Sign(present, clock));
    }

    [Fact]
    public async Task A_day_without_a_change_costs_callers_nothing()
    {
        var clock = new ManualClock();
        using var signer = new RawJwtSigner();
        await using var broker = await StartAsync(signer, clock);
        clock.Advance(TimeSpan.FromHours(49));
        await broker.IsServedAsync(Sign(signer, clock));
    }

    private static Task<TestBroker> StartAsync(RawJwtSigner signer, ManualClock clock) => TestBroker.StartAsync(
        (configuration, broker) => configuration.SetIssuer(
            "by-file",
            new { RawJwtSigner.Issuer, JwksPath = broker.WriteFile("keys.json", signer.KeySet), Audiences = new[] { "token-broker" } }),
        clock);

    private static string Sign(RawJwtSigner signer, ManualClock clock) => signer.Sign(RawJwtSigner.Payload(clock: clock));

    private static Task PollAsync(TestBroker broker, string until) => Eventually.IsTrueAsync(() =>
    {
        broker.Clock!.Advance(Polling);
        return broker.Logs.Text.Contains(until, StringComparison.Ordinal);
    }, "the log said: " + until);
}
