using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Jit;

/// <summary>
/// Just-in-time configurations: each makes one runner, which takes one job. Never cached, and never deleted: what the broker is not
/// sure to have made may be another's.
/// </summary>
internal sealed class JitConfigurations(RunnerClient client, Random random)
{
    private const int MostSuffixes = 3;
    private const int SuffixLength = 6;
    private const string SuffixCharacters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Whether a runner may have been made although this is how making it ended: only a plain no of GitHub's, or of the broker's own, says that none was.</summary>
    public static bool MayHaveMadeOne(Exception end) => end is not FailureException { Failure.Kind: var kind } || kind == FailureKinds.AnswerLost;

    /// <summary>Makes the runner that a request comes to by a policy's bounds, and gives GitHub's answer.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="proposal">What it comes to.</param>
    /// <param name="trying">Told each name before GitHub is asked for it.</param>
    /// <param name="cancellation">Ends all of it.</param>
    public async Task<GitHubAnswer> CreateAsync(Scope scope, JitRequest request, JitProposal proposal, Action<string> trying, CancellationToken cancellation)
    {
        var wanted = proposal.Runner!;
        var runner = wanted;
        var suffixes = 0;
        var lost = new List<string>();
        while (true)
        {
            trying(runner.Name);
            try
            {
                return await client.CreateJitConfigurationAsync(scope, runner, cancellation);
            }
            catch (FailureException failed)
            {
                var kind = failed.Failure.Kind;
                if (kind == FailureKinds.AnswerLost)
                    lost.Add(runner.Name);
                var mayBeRenamed = request.WantsUniqueName && (kind == FailureKinds.AnswerLost
                    ? lost.Count == 1 && !cancellation.IsCancellationRequested
                    : kind == FailureKinds.NameTaken && suffixes++ < MostSuffixes);
                if (mayBeRenamed && WithSuffix(wanted, proposal.Bounds) is { } other)
                    runner = other;
                else if (lost.Count > 0)
                    throw Lost(failed.Failure, lost);
                else if (mayBeRenamed)
                    throw NotUnique(wanted);
                else
                    throw;
            }
            catch (OperationCanceledException) when (lost.Count > 0)
            {
                throw Lost(new Failure(FailureKinds.AnswerLost, "GitHub gave no answer in time."), lost);
            }
        }
    }

    private JitRunner? WithSuffix(JitRunner runner, RunnerBounds bounds)
    {
        var suffix = "-" + new string(random.GetItems<char>(SuffixCharacters, SuffixLength));
        var kept = runner.Name.AsSpan(0, Math.Min(runner.Name.Length, JitRequest.LongestName - suffix.Length));

        // Half a surrogate pair is no text.
        var name = string.Concat(char.IsHighSurrogate(kept[^1]) ? kept[..^1] : kept, suffix);
        return bounds.AllowsName(name) ? runner with { Name = name } : null;
    }

    private static FailureException NotUnique(JitRunner runner) => new(new Failure(
        FailureKinds.NameTaken, $"A runner named '{runner.Name}' exists, and the policy allows this name with no suffix."));

    // Whatever came after it, that the first answer was lost must be known.
    private static FailureException Lost(Failure failure, IEnumerable<string> names) => new(failure with
    {
        Kind = FailureKinds.AnswerLost,
        Detail = $"{failure.Detail} A runner named '{string.Join("' or '", names)}' may now exist: the name may be taken.",
    });
}
