using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace TokenBroker.Configuration;

/// <summary>Polls every watched file, and at once when SIGHUP asks for it. Mounted secrets change by a symbolic link, which file watchers miss.</summary>
internal sealed class WatchedFiles(TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly ConcurrentBag<IWatchedFile> files = [];

    // One place is enough: who asks while the files are polled has them polled once more, whoever else asks.
    private readonly Channel<bool> polls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private PosixSignalRegistration? hangup;

    public void Add(IWatchedFile file) => files.Add(file);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Left to itself, the signal ends the process and breaks the requests in flight.
        hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Ask();
        });
        return base.StartAsync(cancellationToken);
    }

    // Until the process ends: the signal must not cut the drain short either.
    public override void Dispose()
    {
        hangup?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => Ask(), state: null, Interval, Interval);
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
            // A start that fails ends what runs already, and the host would call that a failure.
        }
    }

    private void Ask() => polls.Writer.TryWrite(true);
}
