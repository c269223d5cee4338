using System.Globalization;

namespace TokenBroker.FaultTests;

/// <summary>How much memory processes held while a test ran.</summary>
internal sealed class WorkingSet(IReadOnlyList<int> processes)
{
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

    /// <summary>The mean of a part of the time, in megabytes.</summary>
    /// <param name="from">Where it begins: 0 is the start, 1 the end.</param>
    /// <param name="to">Where it ends.</param>
    public double Mean(double from, double to) => samples.Skip((int)(samples.Count * from)).Take(Math.Max(1, (int)(samples.Count * (to - from)))).Average();

    // See https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
    private static double MegabytesOf(int process)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status")).First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
