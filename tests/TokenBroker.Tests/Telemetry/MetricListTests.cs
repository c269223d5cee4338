using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.Tests.Telemetry;

/// <summary>docs/telemetry.md and the code name the same metrics, with the same units.</summary>
public sealed class MetricListTests
{
    [Fact]
    public async Task The_list_is_what_there_is()
    {
        await using var broker = await TestBroker.StartAsync();
        var own = broker.Services.GetRequiredService<IMeterFactory>();
        var instruments = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "TokenBroker" && instrument.Meter.Scope == own)
                    instruments.Add(instrument);
            },
        };
        listener.Start();

        Assert.Equal(
            MetricList.Read().Select(row => $"{row.Name} {row.Unit} {(row.IsHistogram ? "histogram" : "")}").Order(StringComparer.Ordinal),
            instruments
                .Select(instrument => $"{instrument.Name} {instrument.Unit} {(instrument is Histogram<double> ? "histogram" : "")}")
                .Order(StringComparer.Ordinal));
        Assert.All(
            MetricList.Read(),
            row => Assert.Equal(InPrometheus(row, instruments.Single(instrument => instrument.Name == row.Name)), row.InPrometheus));
        Assert.All(instruments, instrument => Assert.NotEmpty(instrument.Description!));
    }

    /// <summary>Every label that is measured is in the list, and no other: what a caller may choose is never one.</summary>
    [Fact]
    public async Task The_labels_are_what_the_list_says()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.Remove("RateLimit"), new ManualClock());
        var own = broker.Services.GetRequiredService<IMeterFactory>();
        var listed = MetricList.Read().ToDictionary(
            row => row.Name,
            row => row.Labels.Order(StringComparer.Ordinal).ToList(),
            StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var values = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "TokenBroker" && instrument.Meter.Scope == own)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => See(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => See(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => See(instrument, tags));
        listener.Start();

        await RequestTokensAsync(broker);
        broker.WriteFile("broker.json", "{}");
        broker.Clock!.Advance(TimeSpan.FromSeconds(6));
        await Eventually.IsTrueAsync(() => Saw("token_broker.policies.reloads"), "the new version was read");
        // Until the address is limited.
        while ((await broker.Client.GetAsync("/caller")).StatusCode == HttpStatusCode.Unauthorized)
        {
        }

        listener.RecordObservableInstruments();

        lock (seen)
        {
            Assert.Superset(
                new HashSet<string>(listed.Keys.Where(IsMeasuredHere), StringComparer.Ordinal),
                seen);
            foreach (var word in new[] { "octo", "hello", "vm-", "4711" })
                Assert.DoesNotContain(values, value => value.Contains(word, StringComparison.Ordinal));
            Assert.DoesNotContain(values, value => broker.GitHub.IssuedSecrets.Contains(value));
        }

        bool Saw(string name)
        {
            lock (seen)
                return seen.Contains(name);
        }

        void See(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = tags.ToArray();
            lock (seen)
            {
                seen.Add(instrument.Name);
                values.AddRange(labels.Select(label => Convert.ToString(label.Value, CultureInfo.InvariantCulture)!));
                Assert.Equal(listed[instrument.Name], labels.Select(label => label.Key).Order(StringComparer.Ordinal));
            }
        }
    }

    private static bool IsMeasuredHere(string name) => !name.StartsWith("token_broker.redis.", StringComparison.Ordinal)
        && !name.Contains("evict", StringComparison.Ordinal)
        && !name.Contains("undecrypt", StringComparison.Ordinal);

    private static async Task RequestTokensAsync(TestBroker broker)
    {
        foreach (var scope in new[] { "orgs/octo-org", "repos/octo-org/hello", "enterprises/octo-ent", "orgs/octo-two", "orgs/octo-org" })
            (await broker.PostAsync($"/{scope}/actions/runners/registration-token")).Dispose();
        (await broker.PostAsync("/orgs/octo-org/actions/runners/remove-token", broker.Issuer.Sign(new { sub = "intruder-4711" })))
            .Dispose();
        (await broker.PostAsync("/orgs/octo-org/actions/runners/remove-token", broker.Issuer.Sign(new { aud = "elsewhere" }))).Dispose();
        (await broker.PostAsync("/orgs/octo-org/actions/runners/remove-token", "not-a-jwt")).Dispose();
    }

    private static string InPrometheus(MetricList.Row row, Instrument instrument) =>
        row.Name.Replace('.', '_') + (row.Unit == "s" ? "_seconds" : "") + (instrument is Counter<long> ? "_total" : "");
}
