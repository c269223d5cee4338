using System.Globalization;

namespace TokenBroker.FaultTests;

/// <summary>How much memory processes held while a test ran.</summary>
internal sealed class WorkingSet(IReadOnlyList<int> processes)
{
    private const int WarmAfter = 30;
    private const int Parts = 4;

    private readonly List<double> samples = [];

    /// <summary>Looks once a second until it is over.</summary>
    public async Task WatchAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            samples.Add(processes.Sum(MegabytesOf));
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Four means, in megabytes, of the time since the processes were warm, which they are after half a minute, or after a quarter of a
    /// longer time. None if there is no such time.
    /// </summary>
    public IReadOnlyList<double> WhenWarm()
    {
        var warm = samples.Skip(Math.Max(WarmAfter, samples.Count / 4)).ToList();
        return warm.Count < Parts ? [] : [.. warm.Chunk((warm.Count + Parts - 1) / Parts).Select(part => part.Average())];
    }

    // See https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    private static double MegabytesOf(int process)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
            .First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
