using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Auditing;
using TokenBroker.Caching;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.Auditing;

/// <summary>While nobody takes the events, the broker does nothing that it could not tell.</summary>
public sealed class StalledOutputTests
{
    private const string Token = RunnerApi.Organization + "/registration-token";

    [Fact]
    public async Task With_no_room_a_request_is_refused_after_its_time_and_nothing_is_done_for_it()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await broker.SendAsync("POST", Token)).Is(201);
        await broker.Audit.ExchangeAsync();
        FillUp(broker);

        var before = broker.Clock!.GetUtcNow();
        var asked = broker.GitHub.Requests.Total;
        var answer = (await broker.SendAsync("POST", Token)).IsFailure(503, "audit-stalled");
        Assert.Equal("5", answer.Header("Retry-After"));
        Assert.InRange(broker.Clock.GetUtcNow() - before, TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(15));
        Assert.All(broker.GitHub.IssuedSecrets, secret => Assert.DoesNotContain(secret, answer.Text, StringComparison.Ordinal));
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } })).IsFailure(
            503,
            "audit-stalled");
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-1").Id}")).IsFailure(
            503,
            "audit-stalled");
        (await broker.SendAsync("POST", Token, new string('x', 70_000))).IsFailure(503, "audit-stalled");
        Assert.Equal(asked, broker.GitHub.Requests.Total);

        // What needs no event goes on.
        using var live = await broker.Client.GetAsync("/livez");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        using var stranger = await broker.PostAsync(Token, "not-a-jwt");
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);

        broker.Audit.Resume();
        await Eventually.IsTrueAsync(() => broker.Audit.Lines.Count >= AuditTrail.Capacity, "all events were written");
        (await broker.SendAsync("POST", Token)).Is(201);
        await Eventually.IsTrueAsync(() => broker.Audit.Lines.Count >= AuditTrail.Capacity + 3, "the last event was written");
        var told = broker.Audit.Events;
        Assert.Equal(AuditTrail.Capacity + 3, told.Count);
        Assert.Equal(2, told.Count(one => one["token_sha256"] is not null && (string?)one["event"] == AuditEvent.Exchange));
    }

    [Fact]
    public async Task A_request_that_waits_for_room_is_served_when_there_is_some()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        FillUp(broker);
        var jwt = broker.Issuer.Sign();
        using var request = new HttpRequestMessage(HttpMethod.Post, Token);
        request.Headers.Authorization = new("Bearer", jwt);
        var waiting = broker.Client.SendAsync(request);
        await Eventually.IsTrueAsync(
            () => broker.Clock!.Waits.Any(wait => wait > TimeSpan.FromSeconds(14) && wait < TimeSpan.FromSeconds(15)),
            "the request waited");
        Assert.False(waiting.IsCompleted);
        broker.Audit.Resume();
        using var answer = await broker.RunAsync(waiting);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task An_output_that_fails_is_tried_again_and_no_event_is_lost()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.Audit.Fail(times: 2);
        (await broker.SendAsync("GET", "/caller")).Is(200);
        (await broker.SendAsync("GET", "/caller")).Is(200);
        await Eventually.IsTrueAsync(() => broker.Audit.Lines.Count(IsWhole) >= 2, "both events were written");

        // What was torn stands on a line of its own.
        Assert.Equal(2, broker.Audit.Lines.Count(IsWhole));
        Assert.Contains(broker.Logs.Lines, line => line.Message.StartsWith("Audit events cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_writes_what_waits()
    {
        var broker = await TestBroker.StartAsync();
        await using (broker)
        {
            broker.Audit.Stall();
            for (var times = 0; times < 300; times++)
                (await broker.SendAsync("GET", "/caller")).Is(200);
        }

        // Disposing lets the output go on, and stops the broker.
        Assert.Equal(300, broker.Audit.Events.Count);
    }

    [Fact]
    public void What_a_secret_came_from_is_not_part_of_its_text()
    {
        var secret = new TokenBroker.Caching.Secret("LLBF3JGZ", DateTimeOffset.UnixEpoch)
        {
            Origin = new("0400:1", TokenHash.Of("ghs_1").Base64),
        };
        Assert.DoesNotContain("LLBF", secret.ToString(), StringComparison.Ordinal);
        var credential = new GitHubCredential("installation 1", GitHubCredentialKind.Installation, "ghs_1");
        Assert.Equal(TokenHash.Of("ghs_1").Base64, credential.TokenSha256);
        Assert.Null(new GitHubCredential("App", GitHubCredentialKind.App, "eyJ").TokenSha256);
    }

    // The queue as it is when events came and nobody took them.
    private static void FillUp(TestBroker broker)
    {
        broker.Audit.Stall();
        var trail = broker.Services.GetRequiredService<AuditTrail>();
        while (trail.TryReserve())
            trail.RecordReserved(new AuditEvent { Name = "filler", Time = DateTimeOffset.UnixEpoch, Outcome = AuditEvent.Granted });
    }

    private static bool IsWhole(string line)
    {
        try
        {
            return JsonElement.Parse(line).GetProperty("event").GetString() == AuditEvent.Exchange;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
