using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class GitHubClockTests
{
    [Theory]
    [InlineData(0, 0, "in step")]
    [InlineData(-1, 0, "a Date has whole seconds")]
    [InlineData(4, 0, "within the tolerance")]
    [InlineData(-4, 0, "within the tolerance, behind")]
    [InlineData(6, 6, "ahead")]
    [InlineData(600, 600, "ten minutes ahead")]
    [InlineData(-600, -600, "ten minutes behind")]
    public void The_clock_takes_GitHubs_time_where_it_is_apart(int seconds, int expected, string why)
    {
        var ours = new ManualClock();
        var clock = new GitHubClock(ours);
        clock.Observe(ours.GetUtcNow().AddSeconds(seconds));
        Assert.True(TimeSpan.FromSeconds(expected) == clock.Offset, why);
        Assert.Equal(ours.GetUtcNow() + clock.Offset, clock.GetUtcNow());
    }

    [Fact]
    public void An_answer_without_a_date_changes_nothing_and_one_in_step_ends_the_correction()
    {
        var ours = new ManualClock();
        var clock = new GitHubClock(ours);
        clock.Observe(ours.GetUtcNow().AddMinutes(10));
        clock.Observe(date: null);
        Assert.Equal(TimeSpan.FromMinutes(10), clock.Offset);
        clock.Observe(ours.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, clock.Offset);
    }

    [Fact]
    public void Durations_and_timers_are_ours()
    {
        var ours = new ManualClock();
        var clock = new GitHubClock(ours);
        var since = clock.GetTimestamp();
        var fired = 0;
        using var timer = clock.CreateTimer(_ => fired++, state: null, TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
        clock.Observe(ours.GetUtcNow().AddHours(1));
        ours.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, fired);
        ours.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, fired);
        Assert.Equal(TimeSpan.FromSeconds(10), clock.GetElapsedTime(since));
    }
}
