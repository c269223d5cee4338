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

    /// <summary>Makes the runner that a request comes to by a policy's bounds, and gives GitHub's answer.</summary>
    public async Task<GitHubAnswer> CreateAsync(Scope scope, JitRequest request, JitProposal proposal, CancellationToken cancellation)
    {
        var wanted = proposal.Runner!;
        var runner = wanted;
        var suffixes = 0;
        var lost = new List<string>();
        while (true)
        {
            try
            {
                return await client.CreateJitConfigurationAsync(scope, runner, cancellation);
            }
            catch (FailureException taken) when (taken.Failure.Kind == FailureKinds.NameTaken && request.WantsUniqueName && suffixes++ < MostSuffixes)
            {
                runner = WithSuffix(wanted, proposal.Bounds) ?? throw NotUnique(wanted);
            }
            catch (FailureException failed) when (failed.Failure.Kind == FailureKinds.AnswerLost)
            {
                lost.Add(runner.Name);
                if (!request.WantsUniqueName || lost.Count > 1 || cancellation.IsCancellationRequested || WithSuffix(wanted, proposal.Bounds) is not { } other)
                    throw Lost(failed.Failure, lost);
                runner = other;
            }
            catch (FailureException failed) when (lost.Count > 0 && failed.Failure.Kind.Status == StatusCodes.Status503ServiceUnavailable)
            {
                throw Lost(failed.Failure with { Kind = FailureKinds.AnswerLost }, lost);
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

    private static FailureException Lost(Failure failure, IEnumerable<string> names) => new(failure with
    {
        Detail = $"{failure.Detail} A runner named '{string.Join("' or '", names)}' may now exist: the name may be taken.",
    });
}
