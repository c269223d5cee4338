using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>
/// Makes this GitHub fail. Where several faults could strike a request the first one added does, but <c>slow</c> and <c>hang</c>
/// let the request go on to the next once they are over.
/// </summary>
public sealed class SandboxFaults
{
    private const int Most = 100;
    private const double LongestSeconds = 7 * 24 * 3600;

    private readonly Lock gate = new();
    private readonly List<SandboxFault> faults = [];

    internal SandboxFaults()
    {
    }

    /// <summary>All names that <see cref="Add"/> takes.</summary>
    public static IReadOnlyList<string> Names => FaultDefinition.Names;

    /// <summary>The faults that still strike.</summary>
    public IReadOnlyList<SandboxFault> Active
    {
        get
        {
            lock (gate)
                return [.. faults.Where(fault => !fault.Exhausted)];
        }
    }

    /// <summary>Adds a fault.</summary>
    /// <param name="name">One of <see cref="SandboxFaultNames"/>.</param>
    /// <param name="times">How many requests it strikes; null means until it is cleared.</param>
    /// <param name="path">It strikes only requests whose path holds this.</param>
    /// <param name="seconds">The seconds that the fault speaks of.</param>
    /// <exception cref="ArgumentException">The name is unknown, or a value is out of range.</exception>
    public SandboxFault Add(string name, int? times = null, string? path = null, double? seconds = null)
    {
        if (!FaultDefinition.All.ContainsKey(name))
            throw new ArgumentException($"Unknown fault \"{name}\". Known faults: {string.Join(", ", Names)}.", nameof(name));
        if (times < 1)
            throw new ArgumentException("\"times\" must be 1 or more.", nameof(times));
        if (seconds is { } given && !(given >= 0 && given <= LongestSeconds))
            throw new ArgumentException($"\"seconds\" must be from 0 to {LongestSeconds}.", nameof(seconds));

        var fault = new SandboxFault(this, name, times, path, seconds);
        lock (gate)
        {
            // A hang that has struck often enough stays: clearing must still release the requests that it holds.
            faults.RemoveAll(one => one.Exhausted && !string.Equals(one.Name, SandboxFaultNames.Hang, StringComparison.Ordinal));
            if (faults.Count >= Most)
                throw new ArgumentException($"There are already {Most} faults; clear them first.", nameof(name));
            faults.Add(fault);
        }

        return fault;
    }

    /// <summary>Ends all faults and releases what they hold.</summary>
    public void Clear()
    {
        SandboxFault[] ended;
        lock (gate)
        {
            ended = [.. faults];
            faults.Clear();
        }

        foreach (var fault in ended)
            fault.Clear();
    }

    internal void Remove(SandboxFault fault)
    {
        lock (gate)
            faults.Remove(fault);
        fault.Clear();
    }

    internal IEnumerable<SandboxFault> Candidates(FaultStage stage, SandboxRequest request) =>
        Active.Where(fault => FaultDefinition.All[fault.Name].Strikes(fault, stage, request));
}
