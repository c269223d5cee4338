using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>What is known of one exchange. Each step of <see cref="Exchange"/> adds to it, and endpoints take it as an argument.</summary>
/// <param name="http">The request and its answer.</param>
/// <param name="clock">The clock of its deadline.</param>
internal sealed class RunnerExchange(HttpContext http, TimeProvider clock)
{
    public HttpContext Http { get; } = http;

    /// <summary>How long it may still take, counted from the moment at which the request arrived.</summary>
    public RequestDeadline Deadline { get; } = new(clock);

    /// <summary>Canceled when the caller hangs up.</summary>
    public CancellationToken Canceled => Http.RequestAborted;

    /// <summary>Who calls, once authentication has verified the JWT.</summary>
    public Caller Caller => Caller.Of(Http);

    /// <summary>The scope, once the path's names are validated; null if the path names none.</summary>
    public Scope? Scope { get; set; }

    /// <summary>What the endpoint does on the scope; null if the path names none.</summary>
    public Operation? Operation => Http.GetEndpoint()?.Metadata.GetMetadata<RequiredOperation>()?.Operation;

    /// <summary>What the policies decided, and then the grants; null until then, and if the path names no scope.</summary>
    public Decision? Decision { get; set; }

    /// <summary>Whether the decision has been recorded.</summary>
    public bool IsDecisionRecorded { get; set; }

    /// <summary>The <c>Runners</c> blocks of the policies that allow the request.</summary>
    public BoundedRunners Bounds => new(Decision!.Policies, Caller.Claims);

    /// <summary>What its audit event will say.</summary>
    public AuditDetails Audit { get; } = new();

    /// <summary>Begins the exchange of a request that has just arrived.</summary>
    public static void Begin(HttpContext http, TimeProvider clock) => http.Features.Set(new RunnerExchange(http, clock));

    public static RunnerExchange Of(HttpContext http) => http.Features.GetRequiredFeature<RunnerExchange>();

    /// <summary>Binds an endpoint's parameter.</summary>
    public static ValueTask<RunnerExchange?> BindAsync(HttpContext context) => ValueTask.FromResult<RunnerExchange?>(Of(context));

    /// <summary>The caller's <c>If-None-Match</c>, for GitHub; null if it has none that can be read.</summary>
    public string? IfNoneMatch => EntityTags.Read(Http.Request);

    /// <summary>Asks GitHub within the time that is left.</summary>
    /// <exception cref="Failures.FailureException">GitHub did not respond in time.</exception>
    public Task<T> AskGitHubAsync<T>(Func<CancellationToken, Task<T>> ask) => Deadline.AskGitHubAsync(ask, Canceled);

    /// <summary>Answers with what GitHub answered.</summary>
    /// <param name="answer">GitHub's answer.</param>
    /// <param name="isSecret">Whether it must not be stored on its way.</param>
    public GitHubPassthroughResult PassThrough(GitHubAnswer answer, bool isSecret = false)
    {
        Audit.Mint = answer.Trace;
        return new GitHubPassthroughResult(answer, isSecret);
    }
}
