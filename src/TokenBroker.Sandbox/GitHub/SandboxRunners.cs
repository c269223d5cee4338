using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>
/// The runners of every scope. A scope is written as in GitHub's paths: <c>repos/octo-org/hello</c>, <c>orgs/octo-org</c>,
/// <c>enterprises/octo-ent</c>.
/// </summary>
public sealed class SandboxRunners
{
    private const long SeededGroups = 9;

    private static readonly string[] AutomaticLabels = ["self-hosted", "Linux", "X64"];

    // Labels that describe the runner itself are read-only, even if a just-in-time configuration names them.
    private static readonly ImmutableHashSet<string> ReadOnlyLabels = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "self-hosted", "Linux", "macOS", "Windows", "X64", "X86", "ARM", "ARM64");

    private readonly Lock gate = new();
    private readonly SandboxAccounts accounts;
    private readonly Dictionary<string, Fleet> byScope = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<long> groups = [];
    private long lastId;

    internal SandboxRunners(SandboxAccounts accounts)
    {
        this.accounts = accounts;
        for (var id = 1L; id <= SeededGroups; id++)
            groups.Add(id);
    }

    /// <summary>The runners of a scope, in the order in which they came.</summary>
    public IReadOnlyList<SandboxRunner> List(string scope) => Of(Resolve(scope));

    /// <summary>Adds a runner to a scope; one of the same name makes room for it, as with the runner's <c>--replace</c>.</summary>
    public SandboxRunner Add(string scope, string name, bool busy = false, params string[] labels) =>
        Join(Resolve(scope).Path, name, busy, labels);

    /// <summary>Replaces a runner by what <paramref name="change"/> makes of it, say an idle one by a busy one.</summary>
    public SandboxRunner Change(string scope, long id, Func<SandboxRunner, SandboxRunner> change) =>
        Change(Resolve(scope), id, change) ?? throw new KeyNotFoundException(FormattableString.Invariant($"{scope} has no runner {id}."));

    /// <summary>Makes a runner group known, so that just-in-time configurations may name it. 1 to 9 are known from the start.</summary>
    public void AddGroup(long id)
    {
        lock (gate)
            groups.Add(id);
    }

    internal ImmutableList<SandboxRunner> Of(SandboxScope scope)
    {
        lock (gate)
            return byScope.TryGetValue(scope.Path, out var fleet) ? fleet.Runners : [];
    }

    internal SandboxRunner? Find(SandboxScope scope, long id)
    {
        lock (gate)
            return byScope.TryGetValue(scope.Path, out var fleet) ? fleet.Find(id) : null;
    }

    internal SandboxRunner? Find(SandboxScope scope, string name)
    {
        lock (gate)
            return byScope.TryGetValue(scope.Path, out var fleet) ? fleet.Find(name) : null;
    }

    internal void Remove(SandboxScope scope, long id)
    {
        lock (gate)
            FleetOf(scope.Path).Remove(id);
    }

    internal SandboxRunner? Change(SandboxScope scope, long id, Func<SandboxRunner, SandboxRunner> change)
    {
        lock (gate)
        {
            var fleet = FleetOf(scope.Path);
            if (fleet.Find(id) is not { } runner)
                return null;
            var changed = change(runner) with { Id = id, Name = runner.Name };
            fleet.Replace(changed);
            return changed;
        }
    }

    internal bool HasGroup(long id)
    {
        lock (gate)
            return groups.Contains(id);
    }

    /// <summary>Labels for the names that are not among <paramref name="present"/>; the case of a name does not matter.</summary>
    internal IEnumerable<SandboxRunnerLabel> NewLabels(IEnumerable<SandboxRunnerLabel> present, IEnumerable<string> names)
    {
        var taken = present.Select(label => label.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return names.Where(taken.Add).Select(name => new SandboxRunnerLabel(Interlocked.Increment(ref lastId), name, Custom: true));
    }

    /// <summary>A runner that has yet to connect, or null where its name is taken.</summary>
    internal SandboxRunner? Prepare(SandboxScope scope, string name, long group, IEnumerable<string> labels)
    {
        lock (gate)
        {
            var fleet = FleetOf(scope.Path);
            if (fleet.Find(name) is not null)
                return null;
            var runner = new SandboxRunner(Interlocked.Increment(ref lastId), name)
            {
                OperatingSystem = "unknown",
                Ephemeral = true,
                RunnerGroupId = group,
                Labels = [.. NewLabels([], labels).Select(label => label with { Custom = !ReadOnlyLabels.Contains(label.Name) })],
            };
            fleet.Add(runner);
            return runner;
        }
    }

    internal void Seed(string path, string name)
    {
        Join(path, $"{name}-runner-1", busy: false, []);
        Join(path, $"{name}-runner-2", busy: true, ["gpu"]);
        Join(path, $"{name}-runner-3", busy: false, ["gpu", "size-large"]);
    }

    private SandboxRunner Join(string path, string name, bool busy, string[] labels)
    {
        lock (gate)
        {
            var automatic = NewLabels([], AutomaticLabels).Select(label => label with { Custom = false }).ToArray();
            var runner = new SandboxRunner(Interlocked.Increment(ref lastId), name)
            {
                Busy = busy,
                Online = true,
                Version = SandboxRunnerRelease.Version,
                Labels = [.. automatic, .. NewLabels(automatic, labels)],
            };
            FleetOf(path).Add(runner);
            return runner;
        }
    }

    private Fleet FleetOf(string path)
    {
        if (!byScope.TryGetValue(path, out var fleet))
            byScope[path] = fleet = new Fleet();
        return fleet;
    }

    private SandboxScope Resolve(string scope) => scope.Split('/') switch
    {
        ["repos", var owner, var name] => accounts.FindRepositoryScope(owner, name),
        ["orgs", var login] => accounts.FindOrganizationScope(login),
        ["enterprises", var slug] => accounts.FindEnterpriseScope(slug),
        _ => null,
    } ?? throw new KeyNotFoundException($"This GitHub knows no {scope}.");

    /// <summary>The runners of one scope by id, which only grows, and by name: tens of thousands of them must cost nothing.</summary>
    private sealed class Fleet
    {
        private static readonly Comparer<SandboxRunner> ById = Comparer<SandboxRunner>.Create((one, other) => one.Id.CompareTo(other.Id));

        private readonly Dictionary<string, long> byName = new(StringComparer.OrdinalIgnoreCase);

        public ImmutableList<SandboxRunner> Runners { get; private set; } = [];

        public SandboxRunner? Find(long id) => IndexOf(id) is >= 0 and var index ? Runners[index] : null;

        public SandboxRunner? Find(string name) => byName.TryGetValue(name, out var id) ? Find(id) : null;

        public void Add(SandboxRunner runner)
        {
            if (byName.TryGetValue(runner.Name, out var former))
                Remove(former);
            byName[runner.Name] = runner.Id;
            Runners = Runners.Add(runner);
        }

        public void Replace(SandboxRunner runner) => Runners = Runners.SetItem(IndexOf(runner.Id), runner);

        public void Remove(long id)
        {
            if (IndexOf(id) is not (>= 0 and var index))
                return;
            byName.Remove(Runners[index].Name);
            Runners = Runners.RemoveAt(index);
        }

        private int IndexOf(long id) => Runners.BinarySearch(new SandboxRunner(id, ""), ById);
    }
}
