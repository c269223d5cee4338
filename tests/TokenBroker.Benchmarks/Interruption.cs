using System.Runtime.InteropServices;

namespace TokenBroker.Benchmarks;

/// <summary>Ctrl+C and a request to end, turned into an end that leaves no process behind.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] signals;

    public Interruption() =>
        signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, End), PosixSignalRegistration.Create(PosixSignal.SIGTERM, End)];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        source.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        source.Cancel();
    }
}
