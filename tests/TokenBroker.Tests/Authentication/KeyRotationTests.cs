using System.Net;
using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>
/// Keys that change while the broker runs. The clock stands still unless a test moves it, so that nothing is fetched by the way.
/// </summary>
public sealed class KeyRotationTests
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private readonly ManualClock clock = new();

    [Theory]
    [InlineData(SandboxSigningKey.Rs256)]
    [InlineData(SandboxSigningKey.Es256)]
    public async Task A_new_key_is_accepted_at_once_and_fetched_once_for_all_callers(string algorithm)
    {
        await using var issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { Algorithm = algorithm, TimeProvider = clock });
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetDiscovered("another", issuer), clock);
        Assert.Equal(1, issuer.KeyFetches);

        issuer.RotateKeys();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => broker.PostJwtAsync(issuer.Sign())));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Equal(2, issuer.KeyFetches);
        Assert.Equal(1, broker.Issuer.KeyFetches);
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task A_former_key_is_refused_once_it_is_no_longer_published()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        var former = broker.Issuer.SigningKey;
        broker.Issuer.RotateKeys(keepFormer: true);
        await broker.IsServedAsync(broker.Issuer.Sign());
        await broker.IsServedAsync(broker.Issuer.Sign(key: former));

        clock.Advance(Between);
        broker.Issuer.RotateKeys();
        await broker.IsServedAsync(broker.Issuer.Sign());
        await broker.IsRefusedAsync(broker.Issuer.Sign(key: former), AuthenticationAssertions.BadSignature);
    }

    [Fact]
    public async Task Unknown_keys_that_do_not_exist_are_asked_for_once_in_ten_seconds()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        var stranger = SandboxSigningKey.Create(SandboxSigningKey.Es256);
        for (var round = 1; round <= 3; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => broker.PostJwtAsync(
                broker.Issuer.Sign(header: new { kid = Guid.NewGuid().ToString() }, key: stranger))));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
            Array.ForEach(answers, answer => answer.Dispose());
            Assert.Equal(1 + round, broker.Issuer.KeyFetches);

            clock.Advance(Between - TimeSpan.FromTicks(1));
            await broker.IsUnavailableAsync(broker.Issuer.Sign(key: stranger));
            Assert.Equal(1 + round, broker.Issuer.KeyFetches);
            clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task A_stranger_that_names_an_unknown_key_delays_no_new_key()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        var stranger = SandboxSigningKey.Create(SandboxSigningKey.Es256);
        await broker.IsRefusedAsync(broker.Issuer.Sign(key: stranger), AuthenticationAssertions.BadSignature);

        clock.Advance(TimeSpan.FromSeconds(1));
        broker.Issuer.RotateKeys();
        for (var left = 9; left > 0; left--)
        {
            using var early = await broker.PostJwtAsync(broker.Issuer.Sign());
            await AuthenticationAssertions.IsUnavailabilityAsync(early);
            Assert.Equal(TimeSpan.FromSeconds(left), early.Headers.RetryAfter!.Delta);
            await broker.IsUnavailableAsync(broker.Issuer.Sign(key: stranger));
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        // Whoever asks next, the keys are fetched, and then everybody's is known or is not.
        await broker.IsRefusedAsync(broker.Issuer.Sign(key: stranger), AuthenticationAssertions.BadSignature);
        await broker.IsServedAsync(broker.Issuer.Sign());
        Assert.Equal(3, broker.Issuer.KeyFetches);
    }

    [Fact]
    public async Task Keys_that_were_asked_for_before_a_caller_came_do_not_refuse_it()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        var former = broker.Issuer.SigningKey;
        broker.Issuer.KeysFault = SandboxIssuerFault.Hang;
        await clock.AdvanceToNextFetchAsync();
        await Eventually.IsTrueAsync(() => broker.Issuer.KeyFetches == 2, "the keys were asked for");

        clock.Advance(TimeSpan.FromTicks(1));
        broker.Issuer.RotateKeys();
        var waiting = broker.PostJwtAsync(broker.Issuer.Sign());
        await Eventually.IsTrueAsync(() => clock.Waits.Contains(TimeSpan.FromSeconds(2)), "the caller waited");
        broker.Issuer.Fail(SandboxIssuerFault.None);
        using var response = await waiting;
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(3, broker.Issuer.KeyFetches);
        await broker.IsRefusedAsync(broker.Issuer.Sign(key: former), AuthenticationAssertions.BadSignature);
    }

    [Fact]
    public async Task A_jwt_without_kid_asks_for_nothing()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        await broker.IsRefusedAsync(
            broker.Issuer.Sign(header: new { kid = (string?)null }, key: SandboxSigningKey.Create(SandboxSigningKey.Es256)),
            AuthenticationAssertions.BadSignature);
        Assert.Equal(1, broker.Issuer.KeyFetches);
    }

    [Fact]
    public async Task An_issuer_that_restarts_with_new_keys_is_served_at_once()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        await broker.IsServedAsync(broker.Issuer.Sign());
        await broker.Issuer.StopAsync();
        await broker.IsServedAsync(broker.Issuer.Sign());
        await broker.Issuer.RestartAsync(newKeys: true);
        await broker.IsServedAsync(broker.Issuer.Sign());
    }

    [Fact]
    public async Task A_refresh_that_fails_leaves_the_keys_that_there_are()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        broker.Issuer.Fail(SandboxIssuerFault.ServerError);
        clock.Advance(TimeSpan.FromTicks(1));
        await broker.IsUnavailableAsync(broker.Issuer.Sign(key: SandboxSigningKey.Create(SandboxSigningKey.Es256)));
        Assert.Equal(2, broker.Issuer.DiscoveryFetches);
        await broker.IsServedAsync(broker.Issuer.Sign());
    }

    [Fact]
    public async Task A_stranger_that_hangs_up_during_a_key_fetch_is_not_an_error()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        broker.Issuer.Fail(SandboxIssuerFault.Hang);
        clock.Advance(TimeSpan.FromTicks(1));
        var before = clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(2));
        using var gone = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(broker.Address, "/caller"));
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign(key: SandboxSigningKey.Create(SandboxSigningKey.Es256)));
        using var client = new HttpClient();
        var waiting = client.SendAsync(request, gone.Token);
        await Eventually.IsTrueAsync(() => clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(2)) > before, "the caller waited");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.IsTrueAsync(
            () => broker.Logs.Lines.Any(line => line.Message.Contains("hung up", StringComparison.Ordinal)),
            "the broker saw it");
        Assert.DoesNotContain(broker.Logs.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task Callers_wait_two_seconds_for_a_refresh_that_hangs()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        broker.Issuer.Fail(SandboxIssuerFault.Hang);
        clock.Advance(TimeSpan.FromTicks(1));
        var before = clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(2));
        var waiting = broker.PostJwtAsync(broker.Issuer.Sign(key: SandboxSigningKey.Create(SandboxSigningKey.Es256)));
        await Eventually.IsTrueAsync(
            () => broker.Issuer.DiscoveryFetches == 2 && clock.Waits.Count(wait => wait == TimeSpan.FromSeconds(2)) > before,
            "the caller waited");

        await broker.IsServedAsync(broker.Issuer.Sign());
        clock.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        using var response = await waiting;
        await AuthenticationAssertions.IsUnavailabilityAsync(response);
    }
}
