using TokenBroker.Failures;
using TokenBroker.Runners;

namespace TokenBroker.Tests.Runners;

public sealed class RequestDeadlineTests
{
    [Fact]
    public async Task Work_that_runs_into_the_deadline_of_the_shared_work_has_timed_out()
    {
        var deadline = new RequestDeadline(TimeProvider.System);
        using var theirs = new CancellationTokenSource();
        await theirs.CancelAsync();
        var failure = await Assert.ThrowsAsync<FailureException>(
            () => deadline.AskGitHubAsync(_ => Task.FromCanceled<int>(theirs.Token), CancellationToken.None));
        Assert.Equal(FailureKinds.TimedOut, failure.Failure.Kind);
    }

    [Fact]
    public async Task A_caller_that_hung_up_has_not_timed_out()
    {
        var deadline = new RequestDeadline(TimeProvider.System);
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deadline.AskGitHubAsync(Task.FromCanceled<int>, own.Token));
    }
}
