using TokenBroker.Failures;

namespace TokenBroker.Caching;

/// <summary>
/// What somebody pays for all that GitHub is asked for them. Work begins only if one request can be paid for ahead, which others may then join
/// for nothing; once it has begun it is not cut off half-way, and what more it asks is paid for all the same, from what is to come.
/// </summary>
/// <param name="take">Pays for a request; a failure if they cannot.</param>
/// <param name="giveBack">Takes the payment back.</param>
/// <param name="charge">Pays for a request whether they can or not.</param>
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

    /// <summary>Who pays for what is asked here; null for nobody, as for what a refresh in the background asks.</summary>
    public static StartPermit? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>Pays for the first request, unless that was done before; a failure if they cannot.</summary>
    /// <param name="isTaken">Whether it was done now, and is to be given back if nothing comes of it.</param>
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

    /// <summary>Says that GitHub is asked.</summary>
    public void Asked()
    {
        lock (gate)
        {
            if (state != State.Ahead)
                charge();
            state = State.Begun;
        }
    }

    /// <summary>Takes back what was paid ahead, if GitHub was not asked.</summary>
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
