using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.Auditing;

/// <summary>
/// Records what happened: one event per exchange, as lines of JSON, written in batches by a dedicated thread. A request takes a slot in the
/// queue before anything is done for it; while none is free it waits, and in the end it is refused. So nothing happens that cannot be
/// recorded, and no event of an answer that was sent is dropped.
/// </summary>
internal sealed partial class AuditTrail : IHostedService, IDisposable
{
    /// <summary>How many requests may run, and events wait, at once.</summary>
    public const int Capacity = 16384;

    private const int LargestBatch = 256;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim slots = new(Capacity);
    private readonly BlockingCollection<Line> queue = [];
    private readonly TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource abandoned = new();
    private readonly AuditOutput output;
    private readonly AuditExport export;
    private readonly AuditMetrics metrics;
    private readonly TimeProvider clock;
    private readonly ILogger<AuditTrail> logger;
    private long waiting;
    private volatile string? writing;
    private volatile string? fault;

    public AuditTrail(AuditOutput output, AuditExport export, AuditMetrics metrics, TimeProvider clock, ILogger<AuditTrail> logger)
    {
        this.output = output;
        this.export = export;
        this.metrics = metrics;
        this.clock = clock;
        this.logger = logger;
        metrics.Watch(() => Interlocked.Read(ref waiting));
    }

    /// <summary>The answer to a request that found no free slot.</summary>
    public static Failure Stalled { get; } =
        new(FailureKinds.AuditStalled, "Audit events cannot be written, so the request was not processed.") { RetryAfter = RetryAfter };

    /// <summary>What keeps events from being written; null if nothing does.</summary>
    public string? Fault => fault;

    /// <summary>Takes a slot for a request's event; false if none was free in time.</summary>
    /// <param name="wait">How long the request may wait for one.</param>
    /// <param name="canceled">The caller's own cancellation.</param>
    public async ValueTask<bool> ReserveAsync(TimeSpan wait, CancellationToken canceled)
    {
        if (TryReserve())
            return true;
        using var deadline = new CancellationTokenSource(wait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, canceled);
        try
        {
            await slots.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!canceled.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Takes a slot if one is free now.</summary>
    public bool TryReserve() => slots.Wait(TimeSpan.Zero);

    /// <summary>Records the event of a request that holds a slot.</summary>
    public void Record(HttpContext context, AuditDetails details, string outcome, int status, string? reason) =>
        Add(AuditEvent.OfRequest(context, details, AuditEvent.Exchange, outcome, status, reason, clock.GetUtcNow()), hasSlot: true);

    /// <summary>Records an event for which <see cref="TryReserve"/> took the slot.</summary>
    public void RecordReserved(AuditEvent happened) => Add(happened, hasSlot: true);

    /// <summary>Records the event of a mint. It needs no slot: a request that holds one caused it, so these are bounded too.</summary>
    public void RecordMint(string operation, string scope, Secret secret) =>
        Add(AuditEvent.OfMint(operation, scope, secret, clock.GetUtcNow()), hasSlot: false);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A dedicated thread, because a reader of standard output may block it forever.
        new Thread(Run) { IsBackground = true, Name = "audit trail" }.Start();
        return Task.CompletedTask;
    }

    /// <summary>Writes what is left. It stops after the listener and the mints, so no more events arrive.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.CompleteAdding();
        try
        {
            await written.Task.WaitAsync(LongestFlush, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Log.NotWritten(logger, Interlocked.Read(ref waiting));
            await abandoned.CancelAsync();
            await WriteLastAsync();
            return;
        }

        await abandoned.CancelAsync();
    }

    // Standard error may be blocked by the same reader as standard output.
    private async Task WriteLastAsync()
    {
        try
        {
            await Task.Run(() => output.WriteLast(TakeRest()), CancellationToken.None)
                .WaitAsync(LongestFlush, TimeProvider.System, CancellationToken.None);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            // Nothing is left to write to.
        }
    }

    // Part of the first of them may have been written already.
    private string TakeRest()
    {
        var rest = new StringBuilder(writing);
        while (queue.TryTake(out var line))
            rest.Append(line.Text);
        return rest.ToString();
    }

    // The rest may still be in use by a thread that is blocked on its output.
    public void Dispose() => abandoned.Cancel();

    private void Add(AuditEvent happened, bool hasSlot)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            queue.Add(new Line(AuditLine.Of(happened), hasSlot));
        }
        catch
        {
            Interlocked.Decrement(ref waiting);
            if (hasSlot)
                slots.Release();
            throw;
        }

        metrics.Recorded(happened);
        export.Send(happened);
    }

    private void Run()
    {
        var text = new StringBuilder();
        while (!abandoned.IsCancellationRequested && queue.TryTake(out var line, Timeout.Infinite))
        {
            text.Clear().Append(line.Text);
            var (count, held) = (1, line.HasSlot ? 1 : 0);
            while (count < LargestBatch && queue.TryTake(out line))
            {
                text.Append(line.Text);
                count++;
                held += line.HasSlot ? 1 : 0;
            }

            Write(text.ToString());
            Interlocked.Add(ref waiting, -count);
            if (held > 0)
                slots.Release(held);
        }

        written.TrySetResult();
    }

    // Lines that cannot be written are kept and tried again; meanwhile the queue fills up, and requests are refused.
    private void Write(string lines)
    {
        var isTorn = false;
        writing = lines;
        while (!abandoned.IsCancellationRequested)
        {
            try
            {
                output.Write(isTorn ? "\n" + lines : lines);
                writing = null;
                fault = null;
                return;
            }
            catch (Exception exception)
            {
                // A part may have been written.
                isTorn = true;
                fault = "audit events cannot be written";
                Log.CannotWrite(logger, exception);
                abandoned.Token.WaitHandle.WaitOne(PauseAfterFault);
            }
        }
    }

    private readonly record struct Line(string Text, bool HasSlot);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Audit events cannot be written; they are kept, and requests wait")]
        public static partial void CannotWrite(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "The process stops before {Count} audit events were written")]
        public static partial void NotWritten(ILogger logger, long count);
    }
}

internal sealed class AuditMetrics
{
    private readonly Meter meter;
    private readonly Counter<long> events;

    public AuditMetrics(IMeterFactory meters)
    {
        meter = meters.Create(Instrumentation.Name, Instrumentation.Version);
        events = meter.CreateCounter<long>("token_broker.audit.events", "{event}", "Audit events.");
    }

    public void Watch(Func<long> waiting) => meter.CreateObservableGauge(
        "token_broker.audit.queue", waiting, "{event}", "Audit events that are not written yet.");

    public void Recorded(AuditEvent happened) => events.Add(1, new("event", happened.Name), new("outcome", happened.Outcome));
}
