using System.Collections.Concurrent;

namespace TokenBroker.Hosting;

/// <summary>Polls every watched file. Mounted secrets change by a symbolic link, which file watchers miss.</summary>
internal sealed class WatchedFiles(TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly ConcurrentBag<IWatchedFile> files = [];

    public void Add(IWatchedFile file) => files.Add(file);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var file in files)
                    file.Poll();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A start that fails ends what runs already, and the host would call that a failure.
        }
    }
}
