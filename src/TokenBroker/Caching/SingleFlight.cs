using System.Collections.Concurrent;
using System.Diagnostics;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching;

/// <summary>
/// Runs work once for all callers that want its result at the same time. A caller that gives up leaves it running for the rest, so the work
/// has its own deadline and its own trace, to which every caller's trace links.
/// </summary>
/// <param name="clock">The clock of the deadline.</param>
/// <param name="name">The work's name in traces.</param>
internal sealed class SingleFlight<T>(TimeProvider clock, string name)
{
    private readonly ConcurrentDictionary<string, Lazy<Flight>> flights = new(StringComparer.Ordinal);

    /// <summary>Completes with all work that runs now.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(flights.Values.Select(flight => flight.Value.Result));

    /// <summary>Joins the work that runs under the key, or starts it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="deadline">How long the work may take.</param>
    /// <param name="work">The work.</param>
    /// <param name="permit">Pays for work that is started; null if nobody pays. Joining is free.</param>
    /// <exception cref="FailureException">The work would have to be started, and the permit does not allow it.</exception>
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

        // Otherwise the log scopes and the trace of the first caller would appear in everyone's mint.
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

/// <summary>
/// What a caller pays for the requests to GitHub that it causes. Work starts only if its first request can be paid for in advance; others
/// may join it for free. Work that has started is not interrupted: its further requests are charged even if the caller cannot pay yet.
/// </summary>
/// <param name="take">Pays for a request; a failure if the caller cannot.</param>
/// <param name="giveBack">Refunds a request.</param>
/// <param name="charge">Charges a request even if the caller cannot pay.</param>
internal sealed class StartPermit(Func<Failure?> take, Action giveBack, Action charge)
{
    private static readonly AsyncLocal<StartPermit?> Ambient = new();

    private readonly Lock gate = new();
    private State state;

    private enum State
    {
        Unpaid,
        Ahead,
        Begun,
    }

    /// <summary>The permit of the current request or work; null if nobody pays, as for a refresh in the background.</summary>
    public static StartPermit? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Pays for the first request in advance, unless that was done before; a failure if the caller cannot.</summary>
    /// <param name="isTaken">Whether it was paid for now, and must be refunded if it is not sent.</param>
    public Failure? Take(out bool isTaken)
    {
        lock (gate)
        {
            isTaken = false;
            if (state != State.Unpaid)
                return null;
            if (take() is { } refusal)
                return refusal;
            isTaken = true;
            state = State.Ahead;
            return null;
        }
    }

    /// <summary>Notes a request to GitHub.</summary>
    public void Asked()
    {
        lock (gate)
        {
            if (state != State.Ahead)
                charge();
            state = State.Begun;
        }
    }

    /// <summary>Refunds the payment in advance if GitHub was not asked.</summary>
    public void GiveBack()
    {
        lock (gate)
        {
            if (state != State.Ahead)
                return;
            state = State.Unpaid;
            giveBack();
        }
    }
}
