using System.Collections.Concurrent;

namespace TokenBroker.Caching;

/// <summary>
/// Runs work once for all who want its result at the same time. The work belongs to nobody: a caller that gives up leaves it running
/// for the rest, and it has a deadline of its own.
/// </summary>
internal sealed class SingleFlight<T>(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<T>>> flights = new(StringComparer.Ordinal);

    /// <summary>All work that runs now, for a shutdown that lets it finish.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(flights.Values.Select(flight => flight.Value));

    /// <summary>Joins the work that runs under the key, or starts it.</summary>
    public Task<T> RunAsync(string key, TimeSpan deadline, Func<CancellationToken, Task<T>> work)
    {
        var flight = flights.GetOrAdd(key, _ => new Lazy<Task<T>>(() => StartAsync(key, deadline, work)));
        return flight.Value;
    }

    private Task<T> StartAsync(string key, TimeSpan deadline, Func<CancellationToken, Task<T>> work)
    {
        // The first caller's log scopes and trace would otherwise be told of every waiter's mint.
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(async () =>
            {
                using var cancellation = new CancellationTokenSource(deadline, clock);
                try
                {
                    return await work(cancellation.Token);
                }
                finally
                {
                    flights.TryRemove(key, out _);
                }
            });
        }
    }
}
