using System.Collections.Immutable;
using System.Globalization;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>
/// The users, organizations, repositories, enterprises and installations of this GitHub. Names are compared as
/// GitHub does, without regard to case. What is handed out is a copy: it does not change afterwards.
/// </summary>
public sealed class SandboxAccounts
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly SandboxRunners runners;
    private readonly Dictionary<string, SandboxAccount> accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SandboxEnterprise> enterprises = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> formerNames = new(StringComparer.OrdinalIgnoreCase);
    private long lastId = 1_000;

    internal SandboxAccounts(TimeProvider time)
    {
        this.time = time;
        runners = new SandboxRunners(this);
        Add("octo-org");
        Add("octo-two");
        AddRepository("octo-org", "hello");
        AddEnterprise("octo-ent");
    }

    public IReadOnlyList<SandboxAccount> All
    {
        get
        {
            lock (gate)
                return [.. accounts.Values.OrderBy(account => account.Id)];
        }
    }

    internal SandboxRunners Runners => runners;

    public SandboxAccount Get(string login) => Find(login) ?? throw Unknown(login);

    /// <summary>The account of that name, or null.</summary>
    public SandboxAccount? Find(string login)
    {
        lock (gate)
            return accounts.GetValueOrDefault(login);
    }

    /// <summary>Adds an account, with the App installed on all its repositories unless <paramref name="installed"/> is false.</summary>
    public SandboxAccount Add(string login, SandboxAccountType type = SandboxAccountType.Organization, bool installed = true)
    {
        lock (gate)
        {
            var account = new SandboxAccount(++lastId, login, type) { Installation = installed ? new SandboxInstallation(++lastId) : null };
            accounts.Add(login, account);
            if (type == SandboxAccountType.Organization)
                runners.Seed(SandboxScope.Of(account).Path, login);
            return account;
        }
    }

    /// <summary>Removes an account and all that belongs to it.</summary>
    public void Remove(string login)
    {
        lock (gate)
            accounts.Remove(login);
    }

    /// <summary>Adds a repository to an account.</summary>
    public SandboxRepository AddRepository(string owner, string name)
    {
        lock (gate)
        {
            var account = Get(owner);
            if (FindRepository(owner, name) is not null)
                throw new ArgumentException($"{owner}/{name} exists already.", nameof(name));
            var repository = new SandboxRepository(++lastId, account.Login, name);
            formerNames.Remove(repository.FullName);
            accounts[owner] = account with { Repositories = account.Repositories.Add(repository) };
            runners.Seed(SandboxScope.Of(account, repository).Path, name);
            return repository;
        }
    }

    public void RemoveRepository(string owner, string name) => Change(owner, account => account with
    {
        Repositories = account.Repositories.RemoveAll(repository => NamesMatch(repository.Name, name)),
    });

    /// <summary>Renames a repository, or moves it to another owner; its former name answers with a redirect from then on.</summary>
    public SandboxRepository RenameRepository(string owner, string name, string newName, string? newOwner = null)
    {
        lock (gate)
        {
            var repository = FindRepository(owner, name) ?? throw Unknown($"{owner}/{name}");
            var target = Get(newOwner ?? owner);
            var renamed = repository with { Owner = target.Login, Name = newName };
            RemoveRepository(owner, name);
            formerNames[repository.FullName] = repository.Id;
            formerNames.Remove(renamed.FullName);
            Change(target.Login, account => account with { Repositories = account.Repositories.Add(renamed) });
            return renamed;
        }
    }

    public SandboxEnterprise AddEnterprise(string slug)
    {
        lock (gate)
        {
            var enterprise = new SandboxEnterprise(++lastId, slug);
            enterprises.Add(slug, enterprise);
            runners.Seed(SandboxScope.Of(enterprise).Path, slug);
            return enterprise;
        }
    }

    public void RemoveEnterprise(string slug)
    {
        lock (gate)
            enterprises.Remove(slug);
    }

    /// <summary>Installs the App; where it was installed, this is a new installation with a new id.</summary>
    public SandboxInstallation Install(string login, IReadOnlyDictionary<string, string>? permissions = null)
    {
        lock (gate)
        {
            var installation = new SandboxInstallation(++lastId);
            Change(login, account => account with { Installation = installation });
            if (permissions is not null)
                SetPermissions(login, permissions);
            return Get(login).Installation!;
        }
    }

    /// <summary>Removes the App from an account; its installation tokens stop working at once.</summary>
    public void Uninstall(string login) => Change(login, account => account with { Installation = null });

    public void Suspend(string login) =>
        ChangeInstallation(login, installation => installation with { SuspendedAt = time.GetUtcNow() });

    /// <summary>Ends a suspension.</summary>
    public void Unsuspend(string login) =>
        ChangeInstallation(login, installation => installation with { SuspendedAt = null });

    /// <summary>Replaces what the installation may do; a token made before keeps of its permissions what is still granted.</summary>
    public void SetPermissions(string login, IReadOnlyDictionary<string, string> permissions) => ChangeInstallation(
        login,
        installation => installation with { Permissions = permissions.ToImmutableSortedDictionary(StringComparer.Ordinal) });

    /// <summary>Limits the installation to these repositories of the account.</summary>
    public void SelectRepositories(string login, params string[] names)
    {
        lock (gate)
        {
            var chosen = names.Select(name => (FindRepository(login, name) ?? throw Unknown($"{login}/{name}")).Id).ToImmutableHashSet();
            ChangeInstallation(login, installation => installation with { SelectedRepositories = chosen });
        }
    }

    /// <summary>Lets the installation reach every repository of the account.</summary>
    public void SelectAllRepositories(string login) =>
        ChangeInstallation(login, installation => installation with { SelectedRepositories = null });

    internal SandboxAccount? FindInstallation(long id)
    {
        lock (gate)
            return accounts.Values.FirstOrDefault(account => account.Installation?.Id == id);
    }

    internal SandboxScope? FindRepositoryScope(string owner, string name)
    {
        lock (gate)
            return FindRepository(owner, name) is { } repository ? SandboxScope.Of(accounts[owner], repository) : null;
    }

    internal SandboxScope? FindRepositoryScope(long id)
    {
        lock (gate)
        {
            var account = accounts.Values.FirstOrDefault(account => account.Repositories.Any(repository => repository.Id == id));
            return account is null ? null : SandboxScope.Of(account, account.Repositories.First(repository => repository.Id == id));
        }
    }

    internal long? FindFormerName(string owner, string name)
    {
        lock (gate)
            return formerNames.TryGetValue($"{owner}/{name}", out var id) ? id : null;
    }

    internal SandboxScope? FindOrganizationScope(string login) =>
        Find(login) is { Type: SandboxAccountType.Organization } organization ? SandboxScope.Of(organization) : null;

    internal SandboxScope? FindOrganizationScope(long id) => All.FirstOrDefault(account => account.Id == id) is { } organization
        ? FindOrganizationScope(organization.Login)
        : null;

    internal SandboxScope? FindEnterpriseScope(string slugOrId)
    {
        lock (gate)
        {
            var enterprise = enterprises.GetValueOrDefault(slugOrId)
                ?? enterprises.Values.FirstOrDefault(
                    one => one.Id.ToString(CultureInfo.InvariantCulture).Equals(slugOrId, StringComparison.Ordinal));
            return enterprise is null ? null : SandboxScope.Of(enterprise);
        }
    }

    private static bool NamesMatch(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static KeyNotFoundException Unknown(string name) => new($"This GitHub knows no {name}.");

    private SandboxRepository? FindRepository(string owner, string name) =>
        accounts.GetValueOrDefault(owner)?.Repositories.FirstOrDefault(repository => NamesMatch(repository.Name, name));

    private void ChangeInstallation(string login, Func<SandboxInstallation, SandboxInstallation> change) => Change(
        login,
        account => account with { Installation = change(account.Installation ?? throw Unknown($"installation on {login}")) });

    private void Change(string login, Func<SandboxAccount, SandboxAccount> change)
    {
        lock (gate)
            accounts[login] = change(Get(login));
    }
}
