using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>What all requests to GitHub share: the queue, the retries, the timeout, and GitHub's health.</summary>
internal sealed class GitHubConnection(IOptions<GitHubOptions> options, TimeProvider clock, Random random)
{
    private const int MostRetries = 4;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    // Two attempts fit into a request's 15 seconds, even if the first one hangs.
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(7);

    private readonly ResiliencePipeline<GitHubAnswer> retries = CreateRetries(clock, random, retriesTimeouts: true);
    private readonly ResiliencePipeline<GitHubAnswer> retriesOfUnsent = CreateRetries(clock, random, retriesTimeouts: false);

    /// <summary>Where each attempt waits for a slot.</summary>
    public RequestQueue Queue { get; } = new(options.Value.MaxConcurrentRequests);

    /// <summary>Ends an attempt that takes too long. Time in the queue does not count: GitHub has not been asked yet.</summary>
    public ResiliencePipeline<GitHubAnswer> Attempt { get; } =
        new ResiliencePipelineBuilder<GitHubAnswer> { TimeProvider = clock }
            .AddTimeout(new TimeoutStrategyOptions { Timeout = AttemptTimeout })
            .Build();

    /// <summary>Retries a request while that may help, within the caller's deadline.</summary>
    public ResiliencePipeline<GitHubAnswer> RetriesFor(GitHubCall call) => call.IsRepeatable ? retries : retriesOfUnsent;

    /// <summary>The fault of the last request to GitHub; null if it succeeded.</summary>
    public string? Fault { get; private set; }

    public async Task<IDisposable> WaitForSlotAsync(GitHubCall call, CancellationToken cancellation)
    {
        try
        {
            return await Queue.EnterAsync(call.Owner, call.Yields, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The caller learns that the queue was the cause, not GitHub.
            throw new FailureException(new Failure(FailureKinds.Overloaded, "Too many requests are waiting for GitHub."));
        }
    }

    public void Succeeded() => Fault = null;

    /// <summary>Records a fault; returns whether it differs from the last one.</summary>
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
/// GitHub's clock: the local clock, corrected by the <c>Date</c> of GitHub's responses when the two differ. It is used for times that
/// GitHub issues or verifies; timers and durations are not affected.
/// </summary>
internal sealed class GitHubClock(TimeProvider system) : TimeProvider
{
    // A Date has whole seconds and took time to arrive; smaller differences mean nothing.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private long offset;

    /// <summary>How far GitHub's clock is ahead of ours.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Interlocked.Read(ref offset));

    public override long TimestampFrequency => system.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => system.GetUtcNow() + Offset;

    public override long GetTimestamp() => system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        system.CreateTimer(callback, state, dueTime, period);

    /// <summary>Adjusts the clock to the <c>Date</c> of a response.</summary>
    public void Observe(DateTimeOffset? date)
    {
        if (date is not { } theirs)
            return;
        var difference = theirs - system.GetUtcNow();
        Interlocked.Exchange(ref offset, difference.Duration() < Tolerance ? 0 : difference.Ticks);
    }
}

/// <summary>Degraded if the last request to GitHub failed, or while GitHub limits the broker. The check itself sends no request.</summary>
internal sealed class GitHubHealthCheck(GitHubConnection connection, CredentialLimits limits) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            connection.Fault is { } fault ? HealthCheckResult.Degraded(fault)
            : limits.AnyBlocked ? HealthCheckResult.Degraded("GitHub is limiting or refusing one of the broker's credentials")
            : HealthCheckResult.Healthy("no known problems"));
}
