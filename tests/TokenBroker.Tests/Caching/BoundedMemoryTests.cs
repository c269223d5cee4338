using TokenBroker.Caching;
using TokenBroker.Tests.Testing;

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
        using var memory = new BoundedMemory<string>(clock, Capacity);
        memory.Remember("used", "used", Minute);
        for (var number = 0; number < 10 * Capacity; number++)
        {
            var key = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            memory.Remember(key, key, Minute);
            Assert.Equal(key, memory.Recall(key));
            Assert.InRange(memory.Count, 1, Capacity);
            if (number % 10 == 0)
                Assert.Equal("used", memory.Recall("used"));
        }

        Assert.Null(memory.Recall("0"));
        Assert.Equal(memory.Count, memory.Keys.Count());
    }

    [Fact]
    public void All_at_once_it_is_bounded_too()
    {
        using var memory = new BoundedMemory<string>(clock, Capacity);
        Parallel.For(0, 100 * Capacity, number => memory.Remember(number.ToString(System.Globalization.CultureInfo.InvariantCulture), "value", Minute));
        Assert.InRange(memory.Count, 1, Capacity + (2 * Environment.ProcessorCount));
    }

    [Fact]
    public void It_holds_so_long_as_was_said_and_what_is_said_anew_holds_instead()
    {
        using var memory = new BoundedMemory<string>(clock, Capacity);
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
}
