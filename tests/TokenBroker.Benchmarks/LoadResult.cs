namespace TokenBroker.Benchmarks;

/// <summary>What came of a load.</summary>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Latencies">How long each answer took, the quickest first.</param>
internal sealed record LoadResult(TimeSpan Elapsed, IReadOnlyList<TimeSpan> Latencies)
{
    public int Count => Latencies.Count;

    /// <summary>Answers a second.</summary>
    public double Rate => Count / Elapsed.TotalSeconds;

    /// <summary>How long at most the given part of all answers took.</summary>
    public TimeSpan Percentile(double part) => Latencies[Math.Min(Count - 1, (int)(part * Count))];
}
