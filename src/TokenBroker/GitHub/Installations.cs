using Octokit;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Scopes;
using Scope = TokenBroker.Scopes.Scope;

namespace TokenBroker.GitHub;

/// <summary>
/// Finds the App's installation for a scope. An account has one installation, so it is remembered per owner. A missing one is remembered
/// per scope: the App may be installed on some repositories only, and an account that is not an organization may be a user.
/// </summary>
internal sealed class Installations(GitHubAppClient app, GitHubClock clock)
{
    private const int Capacity = 20_000;
    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(14.5);
    private static readonly Failure Unreadable = new(FailureKinds.GitHubUnavailable, "GitHub's response did not describe an installation.");

    private readonly SingleFlight<Installation> lookUps = new(clock, "look up installation");
    private readonly BoundedMemory<Installation> known = new(clock, Capacity);
    private readonly BoundedMemory<Failure> refusals = new(clock, Capacity);

    /// <summary>The installation, from memory if known. Throws <see cref="FailureException"/> if there is none.</summary>
    public Task<Installation> FindAsync(Scope scope, CancellationToken cancellation) =>
        FindAsync(scope.Owner, () => Recall(scope), scope.Path, token => LookUpAsync(scope, token), cancellation);

    /// <summary>The installation on an account, be it an organization or a user.</summary>
    public Task<Installation> FindOfAccountAsync(string name, CancellationToken cancellation)
    {
        var organization = Scope.ForOrganization(name);
        var owner = organization.Owner;
        return FindAsync(
            owner,
            () => RecallOfAccount(owner),
            PathOfAccount(owner),
            token => LookUpOfAccountAsync(organization, token),
            cancellation);
    }

    /// <summary>Asks GitHub, regardless of what is remembered.</summary>
    // See https://docs.github.com/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app
    public Task<Installation> LookUpAsync(Scope scope, CancellationToken cancellation) =>
        AskAsync(scope.Path, scope.Owner, NotInstalled(scope), cancellation);

    /// <summary>Forgets the owner's installation after a refusal.</summary>
    public void Forget(Scope scope) => known.Forget(scope.Owner);

    public static Failure NotInstalled(Scope scope)
    {
        var kind = scope.Kind == ScopeKind.Repository ? "repository" : "organization";
        return new Failure(FailureKinds.NotInstalled, $"The GitHub App is not installed on '{scope.Path}', or there is no such {kind}.");
    }

    private async Task<Installation> FindAsync(
        string owner,
        Func<Installation?> recall,
        string path,
        Func<CancellationToken, Task<Installation>> lookUp,
        CancellationToken cancellation)
    {
        if (recall() is { } installation)
            return installation;

        // Many repositories of one owner need one look-up, if the App is installed on the first of them.
        try
        {
            await RunAsync(owner);
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens)
        {
            // That refusal may concern another scope of the owner.
        }

        return recall() ?? await RunAsync(path);

        async Task<Installation> RunAsync(string key)
        {
            try
            {
                return await lookUps
                    .RunAsync(key, Deadline, async token => recall() ?? await lookUp(token), StartPermit.Current)
                    .WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // The lookup reached its own deadline; callers that joined it late have time left.
                throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, GitHubClient.NoAnswer));
            }
        }
    }

    // GitHub has a path for each kind of account.
    // See https://docs.github.com/rest/apps/apps#get-a-user-installation-for-the-authenticated-app
    private async Task<Installation> LookUpOfAccountAsync(Scope organization, CancellationToken cancellation)
    {
        try
        {
            return Recall(organization) ?? await LookUpAsync(organization, cancellation);
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.NotInstalled)
        {
            var path = PathOfAccount(organization.Owner);
            var failure = new Failure(
                FailureKinds.NotInstalled,
                $"The GitHub App is not installed on '{path}', or there is no such account.");
            return await AskAsync(path, organization.Owner, failure, cancellation);
        }
    }

    private async Task<Installation> AskAsync(string path, string owner, Failure notInstalled, CancellationToken cancellation)
    {
        try
        {
            var uri = new Uri(path + "/installation", UriKind.Relative);
            var answer = await app.AskAsync(
                "installation",
                owner,
                github => github.Get<Installation>(uri, parameters: null),
                Unreadable,
                cancellation);
            if (answer.Body is not { Id: > 0 } installation)
                throw new FailureException(Unreadable);
            if (installation.SuspendedAt is not null)
                throw new FailureException(new Failure(FailureKinds.RefusedByGitHub, "The GitHub App's installation is suspended."));
            Remember(path, owner, installation);
            return installation;
        }
        catch (ApiException refused)
        {
            var refusal = new Failure(FailureKinds.RefusedByGitHub, GitHubAnswer.FromException(refused).Message);
            throw Refuse(path, refused is NotFoundException ? notInstalled : refusal);
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens)
        {
            throw Refuse(path, exception.Failure);
        }
    }

    // An installation that is found ends the refusals that it disproves.
    private void Remember(string path, string owner, Installation installation)
    {
        known.Remember(owner, installation, KnownFor);
        refusals.Forget(path);
        refusals.Forget(PathOfAccount(owner));
        if (installation.Account?.Type == Account.Organization)
            refusals.Forget(Scope.ForOrganization(owner).Path);
    }

    private FailureException Refuse(string path, Failure failure)
    {
        refusals.Remember(path, failure, UnknownFor);
        return new FailureException(failure);
    }

    private Installation? Recall(Scope scope)
    {
        ThrowIfRefused(scope.Path);
        return known.Recall(scope.Owner);
    }

    // However the installation became known, it is the account's; GitHub is asked for the account only while none is known.
    private Installation? RecallOfAccount(string owner)
    {
        if (known.Recall(owner) is { } installation)
            return installation;
        ThrowIfRefused(PathOfAccount(owner));
        return null;
    }

    private void ThrowIfRefused(string path)
    {
        // The receiver of a remembered refusal must not remember it for the full time again.
        if (refusals.Recall(path, out var left) is { } refusal)
            throw new FailureException(refusal with { Remembered = left });
    }

    private static string PathOfAccount(string owner) => "users/" + owner;
}
