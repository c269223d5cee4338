using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace TokenBroker.Configuration;

/// <summary>Polls every watched file, and at once on SIGHUP. Mounted secrets change by a symbolic link, which file watchers miss.</summary>
internal sealed class WatchedFiles(TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly ConcurrentBag<IWatchedFile> files = [];

    // One slot is enough: requests that arrive during a poll cause a single further one.
    private readonly Channel<bool> polls = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private PosixSignalRegistration? hangup;

    public void Add(IWatchedFile file) => files.Add(file);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // By default, the signal ends the process and breaks requests in flight.
        hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            RequestPoll();
        });
        return base.StartAsync(cancellationToken);
    }

    // Not earlier: the signal must not interrupt the drain either.
    public override void Dispose()
    {
        hangup?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => RequestPoll(), state: null, Interval, Interval);
        try
        {
            await foreach (var _ in polls.Reader.ReadAllAsync(stoppingToken))
            {
                foreach (var file in files)
                    file.Poll();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A failed start stops what already runs, and the host would report that as a failure.
        }
    }

    private void RequestPoll() => polls.Writer.TryWrite(true);
}

/// <summary>A file that is read again when it changes.</summary>
internal interface IWatchedFile
{
    /// <summary>Reads the file again if its content changed.</summary>
    void Poll();
}
