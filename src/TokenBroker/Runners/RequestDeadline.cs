using TokenBroker.Failures;

namespace TokenBroker.Runners;

/// <summary>How long a request may still take: 15 seconds in all, whatever it waits for.</summary>
internal sealed class RequestDeadline(TimeProvider clock)
{
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(15);

    // Set aside for writing the answer.
    private static readonly TimeSpan Reserve = TimeSpan.FromMilliseconds(250);

    private readonly long started = clock.GetTimestamp();

    /// <summary>The time left for waiting; zero once it is over.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = Whole - Reserve - clock.GetElapsedTime(started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Runs work for the request within the time that is left.</summary>
    /// <exception cref="FailureException">The request's deadline has passed, or that of shared work that it joined.</exception>
    public async Task<T> AskGitHubAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken canceled)
    {
        try
        {
            return await RunAsync(work, canceled);
        }
        catch (OperationCanceledException) when (!canceled.IsCancellationRequested)
        {
            throw new FailureException(new Failure(FailureKinds.TimedOut, "GitHub did not respond in time.")
            {
                RetryAfter = TimeSpan.FromSeconds(2),
            });
        }
    }

    /// <summary>Runs work for the request within the time that is left.</summary>
    /// <exception cref="OperationCanceledException">The time is over, or the caller has gone.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken canceled)
    {
        using var deadline = new CancellationTokenSource(Left, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, canceled);
        return await work(either.Token);
    }
}
