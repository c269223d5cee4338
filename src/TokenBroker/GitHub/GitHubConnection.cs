using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace TokenBroker.GitHub;

/// <summary>What all requests to GitHub share: how many may run, how they are tried again, and how GitHub has been of late.</summary>
internal sealed class GitHubConnection(IOptions<GitHubOptions> options, TimeProvider clock, Random random)
{
    private const int MostRetries = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // Two attempts fit into a request's 15 seconds even if the first hangs.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(7);

    private readonly ResiliencePipeline<GitHubAnswer> retries = CreateRetries(clock, random, retriesTimeouts: true);
    private readonly ResiliencePipeline<GitHubAnswer> retriesOfWhatNeverLeft = CreateRetries(clock, random, retriesTimeouts: false);

    /// <summary>Where each attempt waits for its turn.</summary>
    public RequestQueue Queue { get; } = new(options.Value.MaxConcurrentRequests);

    /// <summary>Ends an attempt that takes too long. Waiting for a turn is no part of it: GitHub has not been asked yet.</summary>
    public ResiliencePipeline<GitHubAnswer> Attempt { get; } =
        new ResiliencePipelineBuilder<GitHubAnswer> { TimeProvider = clock }.AddTimeout(new TimeoutStrategyOptions { Timeout = AttemptTimeout }).Build();

    /// <summary>Tries a request again while that may help, inside the deadline of whoever waits for it.</summary>
    public ResiliencePipeline<GitHubAnswer> RetriesOf(GitHubCall call) => call.IsRepeatable ? retries : retriesOfWhatNeverLeft;

    /// <summary>What was wrong with GitHub the last time it was asked; null if nothing was.</summary>
    public string? Fault { get; private set; }

    public void Succeeded() => Fault = null;

    /// <summary>Keeps what is wrong; says whether that is news.</summary>
    public bool Failed(string fault)
    {
        var isNews = Fault != fault;
        Fault = fault;
        return isNews;
    }

    private static ResiliencePipeline<GitHubAnswer> CreateRetries(TimeProvider clock, Random random, bool retriesTimeouts) =>
        new ResiliencePipelineBuilder<GitHubAnswer> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<GitHubAnswer>
            {
                ShouldHandle = new PredicateBuilder<GitHubAnswer>()
                    .Handle<TimeoutRejectedException>(_ => retriesTimeouts)
                    .Handle<PassingFaultException>(fault => fault.RetryAfter is null),
                MaxRetryAttempts = MostRetries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = FirstDelay,
                UseJitter = true,
                Randomizer = random.NextDouble,
            })
            .Build();
}
