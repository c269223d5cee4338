using System.Collections.Concurrent;
using System.Diagnostics;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching;

/// <summary>
/// Runs work once for all who want its result at the same time. The work belongs to nobody: a caller that gives up leaves it running
/// for the rest, and it has a deadline of its own. So it is a trace of its own too, which all who join it link to.
/// </summary>
/// <param name="clock">The clock of the deadline.</param>
/// <param name="name">What the work is called in traces.</param>
internal sealed class SingleFlight<T>(TimeProvider clock, string name)
{
    private readonly ConcurrentDictionary<string, Lazy<Flight>> flights = new(StringComparer.Ordinal);

    /// <summary>All work that runs now, for a shutdown that lets it finish.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(flights.Values.Select(flight => flight.Value.Result));

    /// <summary>Joins the work that runs under the key, or starts it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="deadline">How long the work may take.</param>
    /// <param name="work">The work.</param>
    /// <param name="permit">Who pays for it who starts it; null for nobody. To join costs nothing.</param>
    /// <exception cref="FailureException">It would have to be started, and the permit does not allow it.</exception>
    public Task<T> RunAsync(string key, TimeSpan deadline, Func<CancellationToken, Task<T>> work, StartPermit? permit = null)
    {
        var flight = (flights.TryGetValue(key, out var running) ? running : Enter(key, deadline, work, permit)).Value;
        if (flight.Trace is { } trace)
            Activity.Current?.AddLink(new ActivityLink(trace));
        return flight.Result;
    }

    private Lazy<Flight> Enter(string key, TimeSpan deadline, Func<CancellationToken, Task<T>> work, StartPermit? permit)
    {
        var isPaid = false;
        if (permit?.Take(out isPaid) is { } refusal)
            throw new FailureException(refusal);
        var own = new Lazy<Flight>(() => Start(key, deadline, work, permit, isPaid));
        var entered = flights.GetOrAdd(key, own);
        if (entered != own && isPaid)
            permit!.GiveBack();
        return entered;
    }

    private Flight Start(string key, TimeSpan deadline, Func<CancellationToken, Task<T>> work, StartPermit? permit, bool isPaid)
    {
        var trace = Instrumentation.StartTrace(name);

        // The first caller's log scopes and trace would otherwise be told of every waiter's mint.
        using (ExecutionContext.SuppressFlow())
        {
            var result = Task.Run(async () =>
            {
                using var span = Activity.Current = trace;
                StartPermit.Current = permit;
                using var cancellation = new CancellationTokenSource(deadline, clock);
                try
                {
                    return await work(cancellation.Token);
                }
                finally
                {
                    flights.TryRemove(key, out _);
                    if (isPaid)
                        permit!.GiveBack();
                }
            });
            return new Flight(result, trace?.Context);
        }
    }

    private sealed record Flight(Task<T> Result, ActivityContext? Trace);
}
