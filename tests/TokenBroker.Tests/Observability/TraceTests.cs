using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Tests.RateLimiting;
using TokenBroker.Tests.Runners;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Observability;

public sealed class TraceTests
{
    [Fact]
    public async Task One_mint_is_a_trace_of_its_own_that_every_waiter_links_to()
    {
        var scope = $"repos/octo-org/traced-{Guid.NewGuid():N}";
        var spans = new ConcurrentBag<Activity>();
        using var listener = Listen(spans);
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Accounts.AddRepository("octo-org", scope.Split('/')[2]);
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");

        var callers = Enumerable.Range(0, 3).Select(_ => broker.PostAsync($"/{scope}/actions/runners/registration-token")).ToList();
        await Eventually.IsTrueAsync(() => spans.Count(span => span.OperationName == "policy" && (string?)span.GetTagItem("scope") == scope) == 3, "all callers were let through");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        broker.GitHub.Faults.Clear();
        foreach (var caller in callers)
        {
            using var answer = await caller;
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        await Eventually.IsTrueAsync(() => spans.Count(span => span.OperationName == "cache runner-tokens") >= 3, "all spans ended");
        var requests = spans.Where(span => span.OperationName == "policy" && (string?)span.GetTagItem("scope") == scope).Select(span => span.TraceId).ToList();
        Assert.Equal(3, requests.Distinct().Count());
        var links = requests.Select(request => Assert.Single(Assert.Single(spans, span => span.TraceId == request && span.OperationName == "cache runner-tokens").Links).Context.TraceId).Distinct().ToList();
        var mint = Assert.Single(links);
        Assert.DoesNotContain(mint, requests);
        Assert.Contains(spans, span => span.TraceId == mint && span.OperationName == "github registration-token");
        Assert.Equal(default, Assert.Single(spans, span => span.TraceId == mint && span.OperationName == "mint runner-tokens").ParentSpanId);

        foreach (var text in spans.SelectMany(span => span.TagObjects).Select(tag => tag.Value?.ToString()).OfType<string>())
            Assert.DoesNotContain(broker.GitHub.IssuedSecrets, secret => text.Contains(secret, StringComparison.Ordinal));
    }

    /// <summary>The sampler is the one that OpenTelemetry has by default: a parent's decision counts, and a trace without a parent is recorded.</summary>
    [Theory]
    [InlineData("00-{0}-00f067aa0ba902b7-00", true)]
    [InlineData("00-{0}-00f067aa0ba902b7-01", true)]
    [InlineData("00-{0}-0000000000000000-01", false)]
    [InlineData("{0}", false)]
    public async Task A_callers_trace_is_linked_and_not_obeyed(string traceParent, bool isTrace)
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = Listen(spans, (ref options) =>
            options.Parent.TraceId == default || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData);
        await using var broker = await TestBroker.StartAsync();
        var theirs = ActivityTraceId.CreateRandom();
        var answer = await broker.AskAsync("GET", "/caller", change: request =>
        {
            request.As(broker.Issuer.Sign());
            request.Headers.TryAddWithoutValidation("traceparent", string.Format(CultureInfo.InvariantCulture, traceParent, theirs));
            request.Headers.TryAddWithoutValidation("tracestate", "theirs=1");
            request.Headers.TryAddWithoutValidation("baggage", "theirs=1");
        });
        answer.Is(200);

        var id = answer.Header("X-Request-Id");
        await Eventually.IsTrueAsync(() => spans.Any(span => (string?)span.GetTagItem("token_broker.request_id") == id), "the request's span ended");
        var server = spans.Single(span => (string?)span.GetTagItem("token_broker.request_id") == id);
        Assert.Equal((default, true, null), (server.ParentSpanId, server.Recorded, server.TraceStateString));
        Assert.NotEqual(theirs, server.TraceId);
        Assert.Empty(server.Baggage);
        Assert.Equal(isTrace ? [(theirs, null)] : [], server.Links.Select(link => (link.Context.TraceId, link.Context.TraceState)));
    }

    private static ActivityListener Listen(ConcurrentBag<Activity> spans, SampleActivity<ActivityContext>? sample = null)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "TokenBroker" or "System.Net.Http" or "Microsoft.AspNetCore",
            Sample = sample ?? ((ref _) => ActivitySamplingResult.AllDataAndRecorded),
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
