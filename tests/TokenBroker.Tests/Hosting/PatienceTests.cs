using TokenBroker.Failures;
using TokenBroker.Hosting;

namespace TokenBroker.Tests.Hosting;

public sealed class PatienceTests
{
    [Fact]
    public async Task Work_that_runs_into_the_deadline_of_whoever_began_it_has_timed_out()
    {
        var patience = new Patience(TimeProvider.System);
        using var theirs = new CancellationTokenSource();
        await theirs.CancelAsync();
        var failure = await Assert.ThrowsAsync<FailureException>(() => patience.WithinAsync(_ => Task.FromCanceled<int>(theirs.Token), CancellationToken.None));
        Assert.Equal(FailureKinds.TimedOut, failure.Failure.Kind);
    }

    [Fact]
    public async Task A_caller_that_is_gone_has_not()
    {
        var patience = new Patience(TimeProvider.System);
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patience.WithinAsync(Task.FromCanceled<int>, own.Token));
    }
}
