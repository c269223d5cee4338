using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace TokenBroker.GitHub;

/// <summary>Tries a request again while that may help, inside the deadline of whoever waits for it.</summary>
internal static class RetryPipeline
{
    private const int MostRetries = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // Two attempts fit into a request's 15 seconds even if the first hangs.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(7);

    public static ResiliencePipeline<GitHubAnswer> Create(TimeProvider clock, Random random, bool retriesTimeouts) =>
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

    /// <summary>Ends an attempt that takes too long. Waiting for a turn is no part of it: GitHub has not been asked yet.</summary>
    public static ResiliencePipeline<GitHubAnswer> CreateAttempt(TimeProvider clock) =>
        new ResiliencePipelineBuilder<GitHubAnswer> { TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions { Timeout = AttemptTimeout })
            .Build();
}
