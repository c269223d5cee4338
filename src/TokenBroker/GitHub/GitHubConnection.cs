using Microsoft.Extensions.Diagnostics.HealthChecks;
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

/// <summary>
/// GitHub's clock: ours, corrected by the <c>Date</c> of GitHub's answers when the two are apart. What GitHub signs with a time,
/// or checks a time of, is told by this clock; timers and durations are untouched.
/// </summary>
internal sealed class GitHubClock(TimeProvider system) : TimeProvider
{
    // A Date has whole seconds and has travelled; less than this is no difference.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private long offset;

    /// <summary>How far GitHub's clock is ahead of ours.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Interlocked.Read(ref offset));

    public override long TimestampFrequency => system.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => system.GetUtcNow() + Offset;

    public override long GetTimestamp() => system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        system.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes the time of an answer.</summary>
    public void Observe(DateTimeOffset? date)
    {
        if (date is not { } theirs)
            return;
        var difference = theirs - system.GetUtcNow();
        Interlocked.Exchange(ref offset, difference.Duration() < Tolerance ? 0 : difference.Ticks);
    }
}

/// <summary>Degraded while GitHub did not answer the last time, or limits the broker. GitHub is not asked for this.</summary>
internal sealed class GitHubHealthCheck(GitHubConnection connection, CredentialLimits limits) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        connection.Fault is { } fault ? HealthCheckResult.Degraded(fault)
        : limits.AnyBlocked ? HealthCheckResult.Degraded("GitHub limits or refuses a credential of the broker")
        : HealthCheckResult.Healthy("nothing is known to be wrong"));
}
