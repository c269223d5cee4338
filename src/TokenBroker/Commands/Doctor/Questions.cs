namespace TokenBroker.Commands.Doctor;

/// <summary>Puts questions, each of which has so much time and no more.</summary>
internal sealed class Questions(TimeProvider clock, TimeSpan longest)
{
    /// <summary>The answer; throws <see cref="TimeoutException"/> when the time is over.</summary>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }
}
