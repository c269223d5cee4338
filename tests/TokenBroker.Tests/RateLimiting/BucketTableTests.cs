using System.Net;
using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.RateLimiting;

namespace TokenBroker.Tests.RateLimiting;

/// <summary>The arithmetic of buckets, and how many of them are kept.</summary>
public sealed class BucketTableTests
{
    private static readonly BucketKey Key = KeyOf(1);
    private readonly ManualClock clock = new();

    [Fact]
    public void A_bucket_gives_what_it_holds_and_then_what_comes()
    {
        var buckets = new BucketTable(new BucketSize(3, 60), clock);
        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(_ => buckets.Take(Key)).Select(bucket => bucket.IsTaken ? bucket.Left : -1));
        Assert.Equal(new Bucket(IsTaken: false, 0, TimeSpan.FromSeconds(1)), buckets.Take(Key));

        clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(new Bucket(IsTaken: false, 0, TimeSpan.FromMilliseconds(1)), buckets.Take(Key));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new Bucket(IsTaken: true, 0, TimeSpan.FromSeconds(1)), buckets.Take(Key));
        Assert.False(buckets.Take(Key).IsTaken);

        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new Bucket(IsTaken: true, 2, TimeSpan.FromSeconds(1)), buckets.Take(Key));
    }

    /// <summary>Being refused costs nothing, and who waits as long as it is told finds a token.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(120, 60)]
    [InlineData(100_000, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void A_caller_that_honors_Retry_After_is_served(int perMinute, int count)
    {
        var buckets = new BucketTable(new BucketSize(count, perMinute), clock);
        for (var taken = 0; taken < Math.Min(count, 1000); taken++)
            Assert.True(buckets.Take(Key).IsTaken);
        for (var round = 0; round < 100 && count < 1000; round++)
        {
            var refused = buckets.Take(Key);
            Assert.False(refused.IsTaken);
            Assert.Equal(refused, buckets.Take(Key));
            clock.Advance(refused.NextIn - TimeSpan.FromTicks(1));
            Assert.False(buckets.Take(Key).IsTaken);
            clock.Advance(TimeSpan.FromTicks(1));
            Assert.True(buckets.Take(Key).IsTaken);
        }
    }

    /// <summary>A rate that divides no minute evenly is kept over a day of asking all the time.</summary>
    [Fact]
    public void A_day_of_asking_gets_what_a_day_allows()
    {
        var buckets = new BucketTable(new BucketSize(1, 7), clock);
        var taken = 0;
        for (var end = clock.GetUtcNow() + TimeSpan.FromDays(1); clock.GetUtcNow() < end; clock.Advance(TimeSpan.FromSeconds(1)))
            taken += buckets.Take(Key).IsTaken ? 1 : 0;

        // Asked once a second, so each of the 8.57 s between two tokens is at times waited for as 9.
        Assert.InRange(taken, 24 * 60 * 60 / 9, 24 * 60 * 7);
        Assert.InRange(Spend(clock, buckets, TimeSpan.FromDays(1)), (24 * 60 * 7) - 1, (24 * 60 * 7) + 1);
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_and_never_more()
    {
        var buckets = new BucketTable(new BucketSize(2, 60), clock);
        buckets.GiveBack(Key);
        buckets.Take(Key);
        buckets.Take(Key);
        buckets.GiveBack(Key);
        Assert.True(buckets.Take(Key).IsTaken);
        Assert.False(buckets.Take(Key).IsTaken);

        clock.Advance(TimeSpan.FromHours(1));
        buckets.GiveBack(Key);
        Assert.Equal(1, buckets.Take(Key).Left);
    }

    [Fact]
    public void What_is_charged_beyond_what_there_is_comes_first()
    {
        var buckets = new BucketTable(new BucketSize(2, 60), clock);
        buckets.Charge(Key);
        Assert.Equal(new Bucket(IsTaken: true, 0, TimeSpan.FromSeconds(1)), buckets.Take(Key));
        buckets.Charge(Key);
        buckets.Charge(Key);
        Assert.Equal(new Bucket(IsTaken: false, 0, TimeSpan.FromSeconds(3)), buckets.Take(Key));
        clock.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(new Bucket(IsTaken: false, 0, TimeSpan.FromSeconds(0.5)), buckets.Take(Key));
        clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(buckets.Take(Key).IsTaken);
        Assert.False(buckets.Take(Key).IsTaken);
    }

    [Fact]
    public void Each_key_has_its_own_bucket()
    {
        var buckets = new BucketTable(new BucketSize(1, 60), clock);
        Assert.All(Enumerable.Range(0, 1000), number => Assert.True(buckets.Take(KeyOf(number)).IsTaken));
        Assert.All(Enumerable.Range(0, 1000), number => Assert.False(buckets.Take(KeyOf(number)).IsTaken));
    }

    [Fact]
    public void A_million_keys_leave_no_more_buckets_than_there_is_room_for()
    {
        var buckets = new BucketTable(new BucketSize(60, 120), clock);
        var most = 0;
        for (var number = 0; number < 1_000_000; number++)
        {
            buckets.Take(KeyOf(number));
            if (number % 10_000 == 0)
                most = Math.Max(most, buckets.Count);
        }

        Assert.InRange(Math.Max(most, buckets.Count), 50_000, 100_000);
    }

    /// <summary>Whoever floods the table with names does not wash its own empty bucket out of it.</summary>
    [Fact]
    public void The_emptiest_buckets_are_kept()
    {
        var buckets = new BucketTable(new BucketSize(60, 120), clock, capacity: 6400);
        for (var number = 0; number < 100; number++)
        {
            while (buckets.Take(KeyOf(number)).IsTaken)
            {
            }
        }

        for (var number = 100; number < 100_000; number++)
            buckets.Take(KeyOf(number));
        Assert.InRange(buckets.Count, 1, 6400);
        Assert.All(Enumerable.Range(0, 100), number => Assert.False(buckets.Take(KeyOf(number)).IsTaken));
    }

    [Fact]
    public void A_bucket_that_is_full_again_makes_room()
    {
        var buckets = new BucketTable(new BucketSize(1, 60), clock, capacity: 6400);
        for (var number = 0; number < 6000; number++)
            buckets.Take(KeyOf(number));
        clock.Advance(TimeSpan.FromSeconds(1));
        for (var number = 10_000; number < 14_000; number++)
            buckets.Take(KeyOf(number));
        Assert.All(Enumerable.Range(10_000, 4000), number => Assert.False(buckets.Take(KeyOf(number)).IsTaken));
    }

    [Fact]
    public void Many_at_once_get_no_more_than_there_is()
    {
        var buckets = new BucketTable(new BucketSize(1000, 1), clock);
        var taken = 0;
        Parallel.For(0, 20_000, _ =>
        {
            if (buckets.Take(Key).IsTaken)
                Interlocked.Increment(ref taken);
        });
        Assert.Equal(1000, taken);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "0.0.0.0", false)]
    public void An_address_is_a_host_of_IPv4_and_a_network_of_IPv6(string one, string other, bool isSame) =>
        Assert.Equal(isSame, BucketKey.For(IPAddress.Parse(one)) == BucketKey.For(IPAddress.Parse(other)));

    [Theory]
    [InlineData("a", "1", "a", "1", true)]
    [InlineData("a", "1", "b", "1", false)]
    [InlineData("a", "1", "a", "2", false)]
    [InlineData("a", "b|1", "a|b", "1", false)]
    public void A_caller_is_its_issuer_and_its_id(string issuer, string id, string otherIssuer, string otherId, bool isSame) =>
        Assert.Equal(isSame, BucketKey.For(CallerOf(issuer, id)) == BucketKey.For(CallerOf(otherIssuer, otherId)));

    private static Caller CallerOf(string issuer, string id) => new(issuer, "subject", id, DateTimeOffset.UnixEpoch, default(JsonElement));

    private static BucketKey KeyOf(int number) => new((UInt128)(uint)number << 64);

    private static int Spend(ManualClock clock, BucketTable buckets, TimeSpan during)
    {
        var taken = 0;
        var end = clock.GetUtcNow() + during;
        while (clock.GetUtcNow() < end)
        {
            var bucket = buckets.Take(Key);
            taken += bucket.IsTaken ? 1 : 0;
            clock.Advance(bucket.NextIn);
        }

        return taken;
    }
}
