using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using TokenBroker.Sandbox.GitHub;
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

    private static ActivityListener Listen(ConcurrentBag<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "TokenBroker" or "System.Net.Http" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
