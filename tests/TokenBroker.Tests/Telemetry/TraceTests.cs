using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Telemetry;

public sealed class TraceTests
{
    [Fact]
    public async Task A_mint_is_a_separate_trace_that_every_waiter_links_to()
    {
        var scope = $"repos/octo-org/traced-{Guid.NewGuid():N}";
        var spans = new ConcurrentBag<Activity>();
        using var listener = Listen(spans);
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Accounts.AddRepository("octo-org", scope.Split('/')[2]);
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");

        var callers = Enumerable.Range(0, 3).Select(_ => broker.PostAsync($"/{scope}/actions/runners/registration-token")).ToList();
        await Eventually.IsTrueAsync(
            () => spans.Count(span => span.OperationName == "policy" && (string?)span.GetTagItem("scope") == scope) == 3,
            "all callers were let through");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        broker.GitHub.Faults.Clear();
        foreach (var caller in callers)
        {
            using var answer = await caller;
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        await Eventually.IsTrueAsync(() => spans.Count(span => span.OperationName == "cache runner-tokens") >= 3, "all spans ended");
        var requests = spans.Where(span => span.OperationName == "policy" && (string?)span.GetTagItem("scope") == scope)
            .Select(span => span.TraceId)
            .ToList();
        Assert.Equal(3, requests.Distinct().Count());
        var links = requests.Select(request => Assert.Single(Assert.Single(
            spans,
            span => span.TraceId == request && span.OperationName == "cache runner-tokens").Links).Context.TraceId).Distinct().ToList();
        var mint = Assert.Single(links);
        Assert.DoesNotContain(mint, requests);
        Assert.Contains(spans, span => span.TraceId == mint && span.OperationName == "github registration-token");
        Assert.Equal(
            default,
            Assert.Single(spans, span => span.TraceId == mint && span.OperationName == "mint runner-tokens").ParentSpanId);

        foreach (var text in spans.SelectMany(span => span.TagObjects).Select(tag => tag.Value?.ToString()).OfType<string>())
            Assert.DoesNotContain(broker.GitHub.IssuedSecrets, secret => text.Contains(secret, StringComparison.Ordinal));
    }

    /// <summary>
    /// The sampler is the one that OpenTelemetry has by default: a parent's decision counts, and a trace without a parent is recorded.
    /// </summary>
    [Theory]
    [InlineData("00-{0}-00f067aa0ba902b7-00", true)]
    [InlineData("00-{0}-00f067aa0ba902b7-01", true)]
    [InlineData("00-{0}-0000000000000000-01", false)]
    [InlineData("{0}", false)]
    public async Task A_callers_trace_is_linked_and_not_obeyed(string traceParent, bool isTrace)
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = Listen(spans, (ref options) =>
            options.Parent.TraceId == default || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.PropagationData);
        await using var broker = await TestBroker.StartAsync();
        var theirs = ActivityTraceId.CreateRandom();
        var answer = await broker.SendAsync("GET", "/caller", change: request =>
        {
            request.As(broker.Issuer.Sign());
            request.Headers.TryAddWithoutValidation("traceparent", string.Format(CultureInfo.InvariantCulture, traceParent, theirs));
            request.Headers.TryAddWithoutValidation("tracestate", "theirs=1");
            request.Headers.TryAddWithoutValidation("baggage", "theirs=1");
        });
        answer.Is(200);

        var id = answer.Header("X-Request-Id");
        await Eventually.IsTrueAsync(
            () => spans.Any(span => (string?)span.GetTagItem("token_broker.request_id") == id),
            "the request's span ended");
        var server = spans.Single(span => (string?)span.GetTagItem("token_broker.request_id") == id);
        Assert.Equal((default, true, null), (server.ParentSpanId, server.Recorded, server.TraceStateString));
        Assert.NotEqual(theirs, server.TraceId);
        Assert.Empty(server.Baggage);
        Assert.Equal(isTrace ? [(theirs, null)] : [], server.Links.Select(link => (link.Context.TraceId, link.Context.TraceState)));
    }

    /// <summary>With a receiver of traces the framework would write down what it was sent, and strangers can send anything.</summary>
    [Theory]
    [InlineData("GET", "/caller", 401, "GET", "GET /caller", "/caller")]
    [InlineData(
        "POST",
        "/orgs/stranger-org/actions/runners/registration-token",
        401,
        "POST",
        "POST /orgs/{org}/actions/runners/registration-token",
        "/orgs/{org}/actions/runners/registration-token")]
    [InlineData("GET", "/stranger/path", 401, "GET", "GET", null)]
    [InlineData("STRANGER", "/livez", 200, "_OTHER", "HTTP /livez", "/livez")]
    [InlineData("STRANGER", "/stranger", 401, "_OTHER", "HTTP", null)]
    public async Task The_span_of_a_request_holds_no_text_of_a_stranger(
        string method,
        string path,
        int status,
        string toldMethod,
        string name,
        string? route)
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = Listen(spans);
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://127.0.0.1:1/v1/traces";
            configuration["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"] = "http/protobuf";
        });
        var answer = await broker.SendAsync(method, path + "?stranger=query", change: request =>
        {
            request.Headers.Authorization = null;
            request.Headers.Host = "stranger.example:4711";
            foreach (var header in new[]
            {
                "User-Agent",
                "Referer",
                "Cookie",
                "X-Forwarded-For",
                "X-Forwarded-Host",
                "X-Forwarded-Proto",
                "X-Request-Id",
                "tracestate",
                "baggage",
            })
                request.Headers.TryAddWithoutValidation(header, "stranger=" + header);
        });
        answer.Is(status);

        var id = answer.Header("X-Request-Id");
        await Eventually.IsTrueAsync(
            () => spans.Any(span => (string?)span.GetTagItem("token_broker.request_id") == id),
            "the request's span ended");
        var span = spans.Single(span => (string?)span.GetTagItem("token_broker.request_id") == id);
        Assert.Equal(name, span.DisplayName);
        var expected = new Dictionary<string, object?>
        {
            ["http.request.method"] = toldMethod,
            ["url.scheme"] = "http",
            ["http.response.status_code"] = status,
            ["token_broker.request_id"] = id,
        };
        if (route is not null)
            expected["http.route"] = route;
        Assert.Equal(
            expected.OrderBy(tag => tag.Key, StringComparer.Ordinal),
            span.TagObjects.OrderBy(tag => tag.Key, StringComparer.Ordinal));
        Assert.Empty(span.Events);
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
