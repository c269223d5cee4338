using TokenBroker.Failures;

namespace TokenBroker.Hosting;

/// <summary>How long a request may still take: 15 seconds in all, whatever it waits for.</summary>
internal sealed class Patience(TimeProvider clock)
{
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(15);

    // What is left over for writing the answer.
    private static readonly TimeSpan Reserve = TimeSpan.FromMilliseconds(250);

    private readonly long started = clock.GetTimestamp();

    /// <summary>The time left for waiting; zero when it is over.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = Whole - Reserve - clock.GetElapsedTime(started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Lets work for a request take the time that is left, and no more.</summary>
    /// <exception cref="FailureException">The time is over, or that of work which others began and this request joined.</exception>
    public async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancelled)
    {
        using var deadline = new CancellationTokenSource(Left, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancelled);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (!cancelled.IsCancellationRequested)
        {
            throw new FailureException(new Failure(FailureKinds.TimedOut, "GitHub gave no answer in time.") { RetryAfter = TimeSpan.FromSeconds(2) });
        }
    }

    /// <summary>The patience of a request, which began when the request did.</summary>
    public static Patience Of(HttpContext context) => context.Features.Get<Patience>() ?? throw new InvalidOperationException("The request has no patience: it did not pass the start of the pipeline.");
}
