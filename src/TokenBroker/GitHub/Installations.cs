using Octokit;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Scopes;
using Scope = TokenBroker.Scopes.Scope;

namespace TokenBroker.GitHub;

/// <summary>
/// Finds the App's installation for a scope. An account has one, so it is remembered by owner; that there is none is remembered
/// by the whole scope, for the App may be installed on some repositories only.
/// </summary>
internal sealed class Installations(GitHubAppClient app, GitHubClock clock)
{
    private const int Capacity = 20_000;
    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(14.5);
    private static readonly Failure Unreadable = new(FailureKinds.GitHubUnavailable, "GitHub described no installation.");

    private readonly SingleFlight<Installation> lookUps = new(clock, "look up installation");
    private readonly BoundedMemory<Installation> known = new(clock, Capacity);
    private readonly BoundedMemory<Failure> refusals = new(clock, Capacity);

    /// <summary>The installation, from memory where it is there. Throws <see cref="FailureException"/> where there is none.</summary>
    public async Task<Installation> FindAsync(Scope scope, CancellationToken cancellation)
    {
        if (Recall(scope) is { } installation)
            return installation;

        // Many repositories of one owner need one look-up, if the App is installed on the first of them.
        try
        {
            await lookUps.RunAsync(scope.Owner, Deadline, token => LookUpUnlessKnownAsync(scope, token)).WaitAsync(cancellation);
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens)
        {
            // Said of one scope of the owner; this may be another.
        }

        return Recall(scope) ?? await lookUps.RunAsync(scope.Path, Deadline, token => LookUpUnlessKnownAsync(scope, token)).WaitAsync(cancellation);
    }

    /// <summary>Asks GitHub whatever is remembered.</summary>
    public async Task<Installation> LookUpAsync(Scope scope, CancellationToken cancellation)
    {
        try
        {
            // See https://docs.github.com/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app
            var path = new Uri(scope.Path + "/installation", UriKind.Relative);
            var answer = await app.AskAsync("installation", scope.Owner, github => github.Get<Installation>(path, parameters: null), Unreadable, cancellation);
            if (answer.Body is not { Id: > 0 } installation)
                throw new FailureException(Unreadable);
            if (installation.SuspendedAt is not null)
                throw new FailureException(new Failure(FailureKinds.RefusedByGitHub, "The GitHub App's installation is suspended."));
            known.Remember(scope.Owner, installation, KnownFor);
            return installation;
        }
        catch (ApiException refused)
        {
            throw Refuse(scope, refused is NotFoundException ? NotInstalled(scope) : new Failure(FailureKinds.RefusedByGitHub, GitHubAnswer.Of(refused).Message));
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens)
        {
            throw Refuse(scope, exception.Failure);
        }
    }

    /// <summary>Forgets the owner's installation, because it was refused.</summary>
    public void Forget(Scope scope) => known.Forget(scope.Owner);

    public static Failure NotInstalled(Scope scope) =>
        new(FailureKinds.NotInstalled, $"The GitHub App is not installed on '{scope.Path}', or there is no such {(scope.Kind == ScopeKind.Repository ? "repository" : "organization")}.");

    private FailureException Refuse(Scope scope, Failure failure)
    {
        refusals.Remember(scope.Path, failure, UnknownFor);
        return new FailureException(failure);
    }

    private async Task<Installation> LookUpUnlessKnownAsync(Scope scope, CancellationToken cancellation) =>
        Recall(scope) ?? await LookUpAsync(scope, cancellation);

    private Installation? Recall(Scope scope)
    {
        // What is told from memory is not remembered anew by whoever is told.
        if (refusals.Recall(scope.Path, out var left) is { } refusal)
            throw new FailureException(refusal with { Remembered = left });
        return known.Recall(scope.Owner);
    }
}
