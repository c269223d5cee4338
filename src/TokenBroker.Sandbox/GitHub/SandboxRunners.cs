using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>
/// The runners of every scope. A scope is written as in GitHub's paths: <c>repos/octo-org/hello</c>, <c>orgs/octo-org</c>,
/// <c>enterprises/octo-ent</c>.
/// </summary>
public sealed class SandboxRunners
{
    private static readonly string[] AutomaticLabels = ["self-hosted", "Linux", "X64"];

    private readonly Lock gate = new();
    private readonly SandboxAccounts accounts;
    private readonly Dictionary<string, ImmutableList<SandboxRunner>> byScope = new(StringComparer.OrdinalIgnoreCase);
    private long lastId;

    internal SandboxRunners(SandboxAccounts accounts) => this.accounts = accounts;

    /// <summary>The runners of a scope, in the order in which they came.</summary>
    public IReadOnlyList<SandboxRunner> List(string scope) => Of(Resolve(scope));

    /// <summary>Adds a runner to a scope.</summary>
    public SandboxRunner Add(string scope, string name, bool busy = false, params string[] labels) =>
        Join(Resolve(scope).Path, name, busy, labels);

    internal IReadOnlyList<SandboxRunner> Of(SandboxScope scope)
    {
        lock (gate)
            return byScope.GetValueOrDefault(scope.Path) ?? [];
    }

    internal void Remove(SandboxScope scope, long id)
    {
        lock (gate)
            byScope[scope.Path] = byScope[scope.Path].RemoveAll(runner => runner.Id == id);
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
            var runner = new SandboxRunner(++lastId, name)
            {
                Busy = busy,
                Online = true,
                Labels =
                [
                    .. AutomaticLabels.Select(label => new SandboxRunnerLabel(++lastId, label, Custom: false)),
                    .. labels.Select(label => new SandboxRunnerLabel(++lastId, label, Custom: true)),
                ],
            };
            byScope[path] = (byScope.GetValueOrDefault(path) ?? []).Add(runner);
            return runner;
        }
    }

    private SandboxScope Resolve(string scope) => scope.Split('/') switch
    {
        ["repos", var owner, var name] => accounts.FindRepositoryScope(owner, name),
        ["orgs", var login] => accounts.FindOrganisationScope(login),
        ["enterprises", var slug] => accounts.FindEnterpriseScope(slug),
        _ => null,
    } ?? throw new KeyNotFoundException($"This GitHub knows no {scope}.");
}
