using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Jit;

/// <summary>
/// Just-in-time configurations: each creates one runner, which takes one job. They are never cached. A runner is never deleted if its
/// creation is in doubt: it may be another caller's.
/// </summary>
internal sealed class JitConfigurations(RunnerClient client, Random random)
{
    private const int MostSuffixes = 3;
    private const int SuffixLength = 6;
    private const string SuffixCharacters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>
    /// Whether a runner may exist although its creation ended this way. Only a plain refusal, GitHub's or the broker's, rules it out.
    /// </summary>
    public static bool MayHaveMadeOne(Exception end) =>
        end is not FailureException { Failure.Kind: var kind } || kind == FailureKinds.AnswerLost;

    /// <summary>Creates a runner and returns GitHub's answer.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="request">What the caller asked for.</param>
    /// <param name="proposal">The runner that a policy's bounds make of it.</param>
    /// <param name="trying">Called with each name before GitHub is asked for it.</param>
    /// <param name="cancellation">Cancels the creation.</param>
    public async Task<GitHubAnswer> CreateAsync(
        Scope scope, JitRequest request, JitProposal proposal, Action<string> trying, CancellationToken cancellation)
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
                throw Lost(new Failure(FailureKinds.AnswerLost, "GitHub did not respond in time."), lost);
            }
        }
    }

    private JitRunner? WithSuffix(JitRunner runner, RunnerBounds bounds)
    {
        var suffix = "-" + new string(random.GetItems<char>(SuffixCharacters, SuffixLength));
        var kept = runner.Name.AsSpan(0, Math.Min(runner.Name.Length, JitRequest.LongestName - suffix.Length));

        // An unpaired surrogate is not valid text.
        var name = string.Concat(char.IsHighSurrogate(kept[^1]) ? kept[..^1] : kept, suffix);
        return bounds.AllowsName(name) ? runner with { Name = name } : null;
    }

    private static FailureException NotUnique(JitRunner runner) => new(new Failure(
        FailureKinds.NameTaken, $"A runner named '{runner.Name}' exists, and the policy does not allow this name with a suffix."));

    // Whatever came later, the caller must learn that the first answer was lost.
    private static FailureException Lost(Failure failure, IEnumerable<string> names) => new(failure with
    {
        Kind = FailureKinds.AnswerLost,
        Detail = $"{failure.Detail} A runner named '{string.Join("' or '", names)}' may now exist: the name may be taken.",
    });
}
