using TokenBroker.Caching;

namespace TokenBroker.Tests.Caching;

/// <summary>However much there is to remember, so much is, and the newest and what is used are among it.</summary>
public sealed class BoundedMemoryTests
{
    private const int Capacity = 100;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly ManualClock clock = new();

    [Fact]
    public void Ten_times_more_than_fits_leaves_what_is_new_and_what_is_used()
    {
        var memory = new BoundedMemory<string>(clock, Capacity);
        memory.Remember("used", "used", Minute);
        for (var number = 0; number < 10 * Capacity; number++)
        {
            var key = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            memory.Remember(key, key, Minute);
            Assert.Equal(key, memory.Recall(key));
            Assert.InRange(memory.Count, 1, Capacity);
            if (number % 10 == 0)
                Assert.Equal("used", memory.Recall("used"));

            // Looking through all of it is no use of it.
            Assert.Equal(memory.Count, memory.All.Count());
        }

        Assert.Null(memory.Recall("0"));
    }

    [Fact]
    public void All_at_once_it_is_bounded_too()
    {
        var memory = new BoundedMemory<string>(clock, Capacity);
        Parallel.For(
            0,
            100 * Capacity,
            number => memory.Remember(number.ToString(System.Globalization.CultureInfo.InvariantCulture), "value", Minute));
        Assert.InRange(memory.Count, 1, Capacity + Environment.ProcessorCount + 1);
    }

    [Fact]
    public void It_holds_so_long_as_was_said_and_what_is_said_anew_holds_instead()
    {
        var memory = new BoundedMemory<string>(clock, Capacity);
        memory.Remember("key", "first", Minute);
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("first", memory.Recall("key", out var left));
        Assert.Equal(TimeSpan.FromSeconds(1), left);
        memory.Remember("key", "second", Minute);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("second", memory.Recall("key"));
        clock.Advance(Minute);
        Assert.Null(memory.Recall("key", out left));
        Assert.Equal(TimeSpan.Zero, left);
        memory.Remember("key", "third", Minute);
        memory.Forget("key");
        Assert.Null(memory.Recall("key"));
    }

    [Fact]
    public void What_has_ended_goes_first_and_within_a_minute_anyway()
    {
        var reasons = new List<string>();
        var memory = new BoundedMemory<string>(clock, Capacity, reasons.Add);
        for (var number = 0; number < Capacity / 2; number++)
            memory.Remember("short " + number, "short", Minute / 2);
        for (var number = 0; number < Capacity / 2; number++)
            memory.Remember("long " + number, "long", 10 * Minute);
        clock.Advance(Minute / 2);
        memory.Remember("new", "new", 2 * Minute);
        Assert.Equal((Capacity / 2) + 1, memory.Count);
        Assert.Equal(Enumerable.Repeat("expired", Capacity / 2), reasons);

        clock.Advance(3 * Minute);
        memory.Remember("newer", "newer", Minute);
        Assert.Equal((Capacity / 2) + 1, memory.Count);
    }

    /// <summary>Neither does what is new become the oldest, nor does everything end.</summary>
    [Theory]
    [InlineData(-2)]
    [InlineData(2)]
    public void A_wall_clock_that_is_set_changes_nothing(int hours)
    {
        var wall = new SettableClock(clock);
        var memory = new BoundedMemory<string>(wall, Capacity);
        for (var number = 0; number < Capacity - 1; number++)
            memory.Remember("old " + number, "old", Minute);
        wall.Offset = TimeSpan.FromHours(hours);
        memory.Remember("new", "new", Minute);
        memory.Remember("newer", "newer", Minute);
        Assert.Equal(("new", "newer"), (memory.Recall("new"), memory.Recall("newer")));
        Assert.Equal(Capacity - 1 - (Capacity / 20), memory.All.Count(entry => entry.Value == "old"));
    }

    private sealed class SettableClock(TimeProvider steady) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => steady.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => steady.GetUtcNow() + Offset;

        public override long GetTimestamp() => steady.GetTimestamp();
    }
}
