namespace TokenBroker.Benchmarks;

/// <summary>One of the servers that are compared, and what was measured of it.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Process">Itself.</param>
internal sealed record ComparedServer(string Name, ServerProcess Process)
{
    private readonly List<Sample> samples = [];

    /// <summary>Asks it as a load does, and keeps what came of it under a name.</summary>
    public async Task MeasureAsync(string load, RequestPool requests, TimeSpan length, CancellationToken cancellation) =>
        samples.Add(await SampleAsync(Process, load, requests, length, cancellation));

    /// <summary>What one load costs the server.</summary>
    public static async Task<Sample> SampleAsync(
        ServerProcess server,
        string load,
        RequestPool requests,
        TimeSpan length,
        CancellationToken cancellation)
    {
        var before = server.ProcessorTime;
        var result = await LoadClient.RunAsync(server.Address, requests, length, cancellation);
        return new Sample(
            load,
            result.Rate,
            (server.ProcessorTime - before).TotalMicroseconds / result.Count,
            result.Percentile(0.5).TotalMilliseconds,
            result.Percentile(0.99).TotalMilliseconds);
    }

    /// <summary>The medians of a load's turns.</summary>
    public Sample Median(string load)
    {
        var turns = samples.Where(sample => sample.Load == load).ToList();
        return new Sample(
            load,
            Statistics.Median(turns.Select(turn => turn.Rate)),
            Statistics.Median(turns.Select(turn => turn.Processor)),
            Statistics.Median(turns.Select(turn => turn.Half)),
            Statistics.Median(turns.Select(turn => turn.Most)));
    }

    /// <param name="Load">What was asked.</param>
    /// <param name="Rate">Answers a second.</param>
    /// <param name="Processor">Microseconds of the server's processor time for one answer.</param>
    /// <param name="Half">Milliseconds that the quicker half took at most.</param>
    /// <param name="Most">Milliseconds that all but one in a hundred took at most.</param>
    internal sealed record Sample(string Load, double Rate, double Processor, double Half, double Most);
}
