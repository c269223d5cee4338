using System.Globalization;

namespace TokenBroker.Benchmarks;

/// <summary>What was measured, as tables of Markdown.</summary>
internal sealed class ComparisonReport(TextWriter output)
{
    public const string Bare = "bare endpoint";
    public const string Signature = "bare endpoint, one RSA signature";

    /// <summary>Every server by every load, and how many times a floor's processor time it takes.</summary>
    public void Write(IReadOnlyList<ComparedServer> servers, IReadOnlyList<string> loads)
    {
        output.WriteLine();
        output.WriteLine(
            "| server | JWTs | answers/s | CPU µs an answer | p50 ms | p99 ms | CPU of a bare endpoint | CPU of one with a signature |");
        output.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var server in servers)
        {
            foreach (var load in loads)
            {
                var median = server.Median(load);
                var bare = servers.First(one => one.Name == Bare).Median(load).Processor;
                var signature = servers.First(one => one.Name == Signature).Median(load).Processor;
                var (byBare, bySignature) = (median.Processor / bare, median.Processor / signature);
                var (name, rate, processor, most) = (server.Name, median.Rate, median.Processor, median.Most);
                Line($"| {name} | {load} | {rate:N0} | {processor:N1} | {median.Half:N2} | {most:N2} | {byBare:N2} | {bySignature:N2} |");
            }
        }
    }

    /// <summary>How brokers begin, each the median of its starts.</summary>
    public void WriteStarts(int requests, IReadOnlyList<(string Name, ComparedServer.Sample Sample)> samples)
    {
        Line($"| first {requests:N0} requests after a start | answers/s | CPU µs an answer | p99 ms |");
        output.WriteLine("| --- | --- | --- | --- |");
        foreach (var broker in samples.GroupBy(one => one.Name, one => one.Sample, StringComparer.Ordinal))
        {
            var (rate, processor, most) = (
                Statistics.Median(broker.Select(one => one.Rate)),
                Statistics.Median(broker.Select(one => one.Processor)),
                Statistics.Median(broker.Select(one => one.Most)));
            Line($"| {broker.Key} | {rate:N0} | {processor:N1} | {most:N1} |");
        }
    }

    /// <summary>What one broker's answers cost of another's.</summary>
    public void WriteRatio(ComparedServer broker, ComparedServer other, IReadOnlyList<string> loads)
    {
        output.WriteLine();
        foreach (var load in loads)
        {
            var ratio = broker.Median(load).Processor / other.Median(load).Processor;
            Line($"CPU of an answer, {broker.Name} / {other.Name}, JWTs: {load}: {ratio:N2}");
        }
    }

    private void Line(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
