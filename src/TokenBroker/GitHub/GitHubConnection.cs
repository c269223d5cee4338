using Microsoft.Extensions.Options;
using Polly;

namespace TokenBroker.GitHub;

/// <summary>What all requests to GitHub share: how many may run, how they are tried again, and how GitHub has been of late.</summary>
internal sealed class GitHubConnection(IOptions<GitHubOptions> options, GitHubHealth health, TimeProvider clock, Random random)
{
    private readonly ResiliencePipeline<GitHubAnswer> retries = RetryPipeline.Create(clock, random, retriesTimeouts: true);
    private readonly ResiliencePipeline<GitHubAnswer> retriesOfWhatNeverLeft = RetryPipeline.Create(clock, random, retriesTimeouts: false);

    /// <summary>Where each attempt waits for its turn.</summary>
    public RequestQueue Queue { get; } = new(options.Value.MaxConcurrentRequests);

    /// <summary>How long an attempt may take, from its turn on.</summary>
    public ResiliencePipeline<GitHubAnswer> Attempt { get; } = RetryPipeline.CreateAttempt(clock);

    public ResiliencePipeline<GitHubAnswer> RetriesOf(GitHubCall call) => call.IsRepeatable ? retries : retriesOfWhatNeverLeft;

    public GitHubHealth Health { get; } = health;
}
