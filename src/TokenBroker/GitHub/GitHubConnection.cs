using Microsoft.Extensions.Options;
using Polly;

namespace TokenBroker.GitHub;

/// <summary>What all requests to GitHub share: how many may run, how they are tried again, and how GitHub has been of late.</summary>
internal sealed class GitHubConnection(IOptions<GitHubOptions> options, GitHubHealth health, TimeProvider clock, Random random) : IDisposable
{
    private readonly ResiliencePipeline<GitHubAnswer> retries = RetryPipeline.Create(clock, random, retriesTimeouts: true);
    private readonly ResiliencePipeline<GitHubAnswer> retriesOfWhatNeverLeft = RetryPipeline.Create(clock, random, retriesTimeouts: false);

    /// <summary>One place for each request that may run at once.</summary>
    public SemaphoreSlim Slots { get; } = new(options.Value.MaxConcurrentRequests);

    public ResiliencePipeline<GitHubAnswer> RetriesOf(GitHubCall call) => call.IsRepeatable ? retries : retriesOfWhatNeverLeft;

    public GitHubHealth Health { get; } = health;

    public void Dispose() => Slots.Dispose();
}
