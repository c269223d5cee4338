using System.Collections.Concurrent;
using System.Text;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Hosting;

namespace TokenBroker.Auditing;

/// <summary>
/// Keeps what happened: one event an exchange, in lines of JSON, written in batches by a thread of its own. A request takes its place in the
/// queue before anything is done for it; while there is none it waits, and at last is refused. So nothing happens that cannot be told,
/// and no event of an answer that was given is dropped.
/// </summary>
internal sealed partial class AuditTrail : IHostedService, IDisposable
{
    /// <summary>How many requests may run, and events wait, at once.</summary>
    public const int Capacity = 16384;

    private const int LargestBatch = 256;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim places = new(Capacity);
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

    /// <summary>The answer to a request that found no place.</summary>
    public static Failure Stalled { get; } = new(FailureKinds.AuditStalled, "The broker cannot write down what it does, so it does nothing. Nothing was done for this request.") { RetryAfter = RetryAfter };

    /// <summary>What keeps events from being written; null if nothing does.</summary>
    public string? Fault => fault;

    /// <summary>Takes a place for a request's event, waiting for one as long as the request may; false if there was none.</summary>
    public async ValueTask<bool> ReserveAsync(HttpContext context)
    {
        if (TryReserve())
            return true;
        using var deadline = new CancellationTokenSource(Patience.Of(context).Left, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        try
        {
            await places.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Takes a place if there is one now.</summary>
    public bool TryReserve() => places.Wait(TimeSpan.Zero);

    /// <summary>Keeps the event of a request that has its place.</summary>
    public void Record(HttpContext context, string outcome, int status, string? reason) =>
        Add(AuditEvent.Of(context, AuditEvent.Exchange, outcome, status, reason, clock.GetUtcNow()), hasPlace: true);

    /// <summary>Keeps an event for which <see cref="TryReserve"/> took the place.</summary>
    public void RecordReserved(AuditEvent happened) => Add(happened, hasPlace: true);

    /// <summary>Keeps the event of a mint, which needs no place: a request that has one has caused it, so these stay bounded too.</summary>
    public void RecordMint(string operation, string scope, TokenHash token, Secret secret) =>
        Add(AuditEvent.OfMint(operation, scope, token, secret, clock.GetUtcNow()), hasPlace: false);

    /// <summary>Answers a request with a failure before it reaches its endpoint, with its event where it is one that has one.</summary>
    public async Task AnswerAsync(HttpContext context, Failure failure)
    {
        if (AuditRegistration.IsAudited(context))
        {
            if (await ReserveAsync(context))
                Record(context, AuditEvent.Refused, failure.Kind.Status, failure.Kind.Name);
            else
                failure = Stalled;
        }

        await new FailureResult(failure).ExecuteAsync(context);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own, because whoever reads standard output may keep it waiting without end.
        new Thread(Run) { IsBackground = true, Name = "audit trail" }.Start();
        return Task.CompletedTask;
    }

    /// <summary>Writes what is left. It is stopped after the listener and after the mints, so nothing more comes.</summary>
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

    // Standard error may go the same way as standard output, to where nobody reads.
    private async Task WriteLastAsync()
    {
        try
        {
            await Task.Run(() => output.WriteLast(TakeRest()), CancellationToken.None).WaitAsync(LongestFlush, TimeProvider.System, CancellationToken.None);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException)
        {
            // Nothing is left to write to.
        }
    }

    // A part of the first of them may stand in the output already.
    private string TakeRest()
    {
        var rest = new StringBuilder(writing);
        while (queue.TryTake(out var line))
            rest.Append(line.Text);
        return rest.ToString();
    }

    // All else may still be in the hands of a thread that waits for its output.
    public void Dispose() => abandoned.Cancel();

    private void Add(AuditEvent happened, bool hasPlace)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            queue.Add(new Line(AuditLine.Of(happened), hasPlace));
        }
        catch
        {
            Interlocked.Decrement(ref waiting);
            if (hasPlace)
                places.Release();
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
            var (count, held) = (1, line.HasPlace ? 1 : 0);
            while (count < LargestBatch && queue.TryTake(out line))
            {
                text.Append(line.Text);
                count++;
                held += line.HasPlace ? 1 : 0;
            }

            Write(text.ToString());
            Interlocked.Add(ref waiting, -count);
            if (held > 0)
                places.Release(held);
        }

        written.TrySetResult();
    }

    // What cannot be written is kept and tried again; meanwhile the queue fills, and requests are refused.
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

    private readonly record struct Line(string Text, bool HasPlace);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Audit events cannot be written; they are kept, and requests wait")]
        public static partial void CannotWrite(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "The process stops before {Count} audit events were written")]
        public static partial void NotWritten(ILogger logger, long count);
    }
}
