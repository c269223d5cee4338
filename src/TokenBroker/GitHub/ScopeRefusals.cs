using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>
/// GitHub's no to calls whose answers are not cached, kept as long as the failure table says, so that a caller that asks on and on
/// does not use up the installation's limit. A no holds for a scope and a permission: reading may be allowed where changing is not.
/// </summary>
internal sealed class ScopeRefusals(GitHubClock clock)
{
    private readonly BoundedMemory<Failure> refusals = new(clock, capacity: 20_000);

    /// <summary>Runs the call unless it was refused lately, and remembers if it is.</summary>
    public async Task<T> GuardAsync<T>(Scope scope, Permission permission, Func<Task<T>> call)
    {
        var key = $"{scope.Path}|{permission}";
        if (refusals.Recall(key) is { } refusal)
            throw new FailureException(refusal);

        try
        {
            return await call();
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens && !exception.IsOfRequest)
        {
            var failure = exception.Failure;
            var duration = failure.Remembered ?? failure.Kind.Remembered ?? TimeSpan.Zero;
            if (duration > TimeSpan.Zero)
                refusals.Remember(key, failure, duration);
            throw;
        }
    }
}
