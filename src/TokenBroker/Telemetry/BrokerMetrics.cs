using System.Diagnostics.Metrics;
using TokenBroker.Scopes;

namespace TokenBroker.Telemetry;

/// <summary>
/// The broker's metrics; docs/telemetry.md lists them. No label ever holds a name that a caller can choose: only words of the configuration
/// and of this code.
/// </summary>
internal sealed class BrokerMetrics
{
    private static readonly InstrumentAdvice<double> TokenLives = new()
    {
        HistogramBucketBoundaries = [60, 300, 600, 900, 1200, 1500, 1800, 2400, 2700, 3000, 3300, 3600],
    };

    private static readonly InstrumentAdvice<double> Answers = new()
    {
        HistogramBucketBoundaries = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15],
    };

    private const string Applied = "applied";
    private const string Refusal = "refused";

    private readonly Counter<long> tokens;
    private readonly Histogram<double> remainingLifetime;
    private readonly Counter<long> decisions;
    private readonly Counter<long> refusedCallers;
    private readonly Counter<long> failures;
    private readonly Counter<long> policyReloads;
    private readonly Counter<long> limited;
    private readonly Histogram<double> gitHubRequests;

    public BrokerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Instrumentation.Name, Instrumentation.Version);
        tokens = meter.CreateCounter<long>("token_broker.tokens", "{token}", "Tokens handed out.");
        remainingLifetime = meter.CreateHistogram(
            "token_broker.token.remaining_lifetime", "s", "Life left in a token when it is handed out.", tags: null, TokenLives);
        decisions = meter.CreateCounter<long>(
            "token_broker.policy.decisions", "{decision}", "What the policies said to authenticated callers.");
        refusedCallers = meter.CreateCounter<long>(
            "token_broker.callers.refused",
            "{request}",
            "Requests whose JWT was missing or refused.");
        failures = meter.CreateCounter<long>("token_broker.failures", "{request}", "Requests that ended in a failure.");
        policyReloads = meter.CreateCounter<long>(
            "token_broker.policies.reloads",
            "{version}",
            "New versions of the policies that were read.");
        limited = meter.CreateCounter<long>("token_broker.rate_limited", "{request}", "Requests that found a limit's bucket empty.");
        gitHubRequests = meter.CreateHistogram(
            "token_broker.github.request.duration", "s", "Requests to GitHub, each attempt by itself.", tags: null, Answers);
    }

    /// <summary>
    /// Starts counters at zero whose first increase matters: a series that first appears with the value 1 shows no increase to
    /// <c>rate()</c>.
    /// </summary>
    public void StartAtZero(IEnumerable<string> watchedFailures)
    {
        foreach (var kind in new[] { "registration", "remove" })
        {
            foreach (var scope in Enum.GetValues<ScopeKind>())
            {
                foreach (var source in new[] { "memory", "redis", "mint" })
                    tokens.Add(0, new("token.kind", kind), new("scope.type", NameOf(scope)), new("source", source));
            }
        }

        foreach (var kind in watchedFailures)
            failures.Add(0, new KeyValuePair<string, object?>("kind", kind));
        foreach (var result in new[] { Applied, Refusal })
            policyReloads.Add(0, new KeyValuePair<string, object?>("result", result));

        foreach (var limit in new[] { "caller", "github", "address" })
            limited.Add(0, new KeyValuePair<string, object?>("limit", limit));
    }

    public void HandedOut(string kind, ScopeKind scope, string source, TimeSpan left)
    {
        tokens.Add(1, new("token.kind", kind), new("scope.type", NameOf(scope)), new("source", source));
        remainingLifetime.Record(left.TotalSeconds, new("token.kind", kind), new("scope.type", NameOf(scope)));
    }

    public void Decided(string decision, string issuer, string operation, ScopeKind scope) =>
        decisions.Add(1, new("decision", decision), new("issuer", issuer), new("operation", operation), new("scope.type", NameOf(scope)));

    /// <param name="issuer">The issuer's name in the configuration; null if the JWT names none of them.</param>
    /// <param name="reason">One of a few words.</param>
    public void Refused(string? issuer, string reason) =>
        refusedCallers.Add(1, new("issuer", issuer ?? "unknown"), new("reason", reason));

    public void Failed(string kind) => failures.Add(1, new KeyValuePair<string, object?>("kind", kind));

    /// <param name="applied">Whether the new version is in force.</param>
    public void Reloaded(bool applied) =>
        policyReloads.Add(1, new KeyValuePair<string, object?>("result", applied ? Applied : Refusal));

    /// <param name="limit">caller, github or address.</param>
    public void Limited(string limit) => limited.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <param name="call">The call's name.</param>
    /// <param name="status">The answer's status; null if there was no answer.</param>
    /// <param name="elapsed">How long it took.</param>
    public void AskedGitHub(string call, int? status, TimeSpan elapsed) =>
        gitHubRequests.Record(elapsed.TotalSeconds, new("call", call), new("status", status is { } code ? code : "none"));

    private static string NameOf(ScopeKind scope) => scope switch
    {
        ScopeKind.Repository => "repository",
        ScopeKind.Organization => "organization",
        _ => "enterprise",
    };
}
