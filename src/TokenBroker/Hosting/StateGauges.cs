using System.Diagnostics.Metrics;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching.Redis;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Telemetry;

namespace TokenBroker.Hosting;

/// <summary>The current state, observed whenever metrics are collected.</summary>
internal sealed class StateGauges(
    BrokerMetrics metrics,
    IMeterFactory meters,
    GitHubConnection gitHub,
    GitHubQuota quota,
    GitHubClock gitHubClock,
    IssuerDirectory issuers,
    PolicyStore policies,
    RedisSharing redis,
    TimeProvider clock) : IHostedService
{
    // The failures that alerts watch.
    private static readonly FailureKind[] WatchedFailures =
        [FailureKinds.PolicyDenied, FailureKinds.GrantsUsedUp, FailureKinds.Unauthenticated, FailureKinds.Overloaded];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.StartAtZero(WatchedFailures.Select(kind => kind.Name));
        var meter = meters.Create(Instrumentation.Name, Instrumentation.Version);
        meter.CreateObservableGauge(
            "token_broker.github.quota.limit",
            () => Quota(window => window.Limit),
            "{request}",
            "Requests that GitHub allows in this window.");
        meter.CreateObservableGauge(
            "token_broker.github.quota.remaining",
            () => Quota(window => window.Remaining),
            "{request}",
            "Requests that GitHub still allows in this window.");
        meter.CreateObservableGauge("token_broker.github.quota.reset", () => Quota(UntilReset), "s", "Time until GitHub's window ends.");
        meter.CreateObservableGauge(
            "token_broker.github.waiting", () => gitHub.Queue.Waiting, "{request}", "Requests that wait for their turn to ask GitHub.");
        meter.CreateObservableGauge(
            "token_broker.issuer.available", Availability, "{issuer}", "1 while there are keys to check the issuer's JWTs with, else 0.");
        meter.CreateObservableGauge("token_broker.issuer.keys.age", KeyAges, "s", "Time since the issuer's keys were last read.");
        meter.CreateObservableGauge(
            "token_broker.policies.faults",
            () => policies.Faults.Count,
            "{fault}",
            "Faults of the newest version of the policies; 0 while it is in force.");
        meter.CreateObservableGauge(
            "token_broker.redis.available",
            RedisAvailability,
            "{connection}",
            "1 while Redis helps this replica, else 0; absent without Redis.");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> Quota(Func<GitHubQuota.Window, long> value) =>
        quota.Windows.Select(window => new Measurement<long>(
            value(window),
            new("credential.kind", NameOf(window.Kind)),
            new("credential", window.Credential),
            new("resource", window.Resource)));

    private long UntilReset(GitHubQuota.Window window) => (long)Math.Max(0, (window.ResetsAt - gitHubClock.GetUtcNow()).TotalSeconds);

    private IEnumerable<Measurement<int>> Availability() =>
        issuers.All.Select(issuer =>
            new Measurement<int>(issuer.Keys.Current is null ? 0 : 1, new KeyValuePair<string, object?>("issuer", issuer.Name)));

    private IEnumerable<Measurement<int>> RedisAvailability() =>
        redis.IsConfigured ? [new Measurement<int>(redis.Fault is null ? 1 : 0)] : [];

    private IEnumerable<Measurement<double>> KeyAges() =>
        from issuer in issuers.All
        where issuer.Keys.Current is not null
        select new Measurement<double>(
            clock.GetElapsedTime(issuer.Keys.Current!.AskedAt).TotalSeconds, new KeyValuePair<string, object?>("issuer", issuer.Name));

    private static string NameOf(GitHubCredentialKind kind) => kind switch
    {
        GitHubCredentialKind.App => "app",
        GitHubCredentialKind.Installation => "installation",
        _ => "enterprise-token",
    };
}
