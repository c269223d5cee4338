using TokenBroker.Authorization.Grants;

namespace TokenBroker.Tests.Authorization.Grants;

/// <summary>The arithmetic of grants: a limit has room while fewer than so many are younger than that.</summary>
public sealed class GrantLedgerTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    [Fact]
    public void The_window_slides()
    {
        var ledger = new GrantLedger();
        Assert.True(Add(ledger, 0, (2, 60)));
        Assert.True(Add(ledger, 30, (2, 60)));
        Assert.False(Add(ledger, 30, (2, 60)));
        Assert.False(Add(ledger, 59.9, (2, 60)));
        Assert.True(Add(ledger, 60, (2, 60)));
        Assert.False(Add(ledger, 89.9, (2, 60)));
        Assert.True(Add(ledger, 90, (2, 60)));
    }

    [Fact]
    public void What_was_refused_does_not_count()
    {
        var ledger = new GrantLedger();
        Assert.True(Add(ledger, 0, (1, 60)));
        for (var minute = 1; minute < 60; minute++)
            Assert.False(Add(ledger, minute, (1, 60)));
        Assert.True(Add(ledger, 60, (1, 60)));
    }

    [Fact]
    public void What_is_given_back_does_not_count()
    {
        var ledger = new GrantLedger();
        var id = Guid.NewGuid();
        Assert.Equal([true], ledger.Add("key", id, Start, Kept, [(1, Start.AddHours(-1))]));
        Assert.False(Add(ledger, 0, (1, 60)));
        ledger.Remove("another", id);
        ledger.Remove("key", Guid.NewGuid());
        Assert.False(Add(ledger, 0, (1, 60)));
        ledger.Remove("key", id);
        Assert.True(Add(ledger, 0, (1, 60)));
    }

    [Fact]
    public void Each_key_counts_by_itself()
    {
        var ledger = new GrantLedger();
        Assert.True(Add(ledger, 0, (1, 60)));
        Assert.Equal([true], ledger.Add("another", Guid.NewGuid(), Start, Kept, [(1, Start.AddHours(-1))]));
        Assert.False(Add(ledger, 0, (1, 60)));
    }

    [Fact]
    public void Every_limit_looks_at_all_grants_so_that_two_never_add_up()
    {
        var ledger = new GrantLedger();
        Assert.Equal([true, true, true], AddAll(ledger, 0, (1, 60), (2, 120), (int.MaxValue, 0)));
        Assert.Equal([false, true, true], AddAll(ledger, 1, (1, 60), (2, 120), (int.MaxValue, 0)));
        Assert.Equal([false, false, true], AddAll(ledger, 2, (1, 60), (2, 120), (int.MaxValue, 0)));
        Assert.Equal([false, false], AddAll(ledger, 3, (1, 60), (2, 120)));

        // The three that the third limit let through are seen by the other two.
        Assert.Equal([true, false], AddAll(ledger, 62, (1, 60), (2, 120)));
    }

    [Fact]
    public void A_shorter_window_forgets_nothing_that_a_longer_one_counts()
    {
        var ledger = new GrantLedger();
        Assert.True(Add(ledger, 0, (3, 600)));
        Assert.True(Add(ledger, 60, (1, 1)));
        Assert.True(Add(ledger, 120, (1, 1)));
        Assert.False(Add(ledger, 180, (3, 600)));
    }

    [Fact]
    public void More_than_a_policy_can_count_is_forgotten_and_the_newest_stay()
    {
        var ledger = new GrantLedger();
        for (var minute = 0; minute < 1000; minute++)
            Assert.True(Add(ledger, minute, (int.MaxValue, 0)));
        Assert.False(Add(ledger, 1000, (100, 101)));
        Assert.True(Add(ledger, 1000, (100, 100)));
    }

    [Fact]
    public void What_was_kept_is_not_pushed_out_by_what_runs_and_comes_to_nothing()
    {
        var ledger = new GrantLedger();
        for (var time = 0; time < 3; time++)
            Assert.True(Add(ledger, 0, (3, 60)));

        // By a policy that counts none, all at once and over in a moment.
        var running = Enumerable.Range(0, 500).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in running)
            Assert.Equal([true], ledger.Add("key", id, Start.AddMinutes(5), Kept, [(int.MaxValue, Start)]));
        Assert.False(Add(ledger, 5, (3, 60)));
        running.ForEach(id => ledger.Remove("key", id));
        Assert.False(Add(ledger, 5, (3, 60)));
        Assert.True(Add(ledger, 5, (4, 60)));
    }

    [Fact]
    public void What_runs_and_found_no_place_counts_once_it_is_kept()
    {
        var ledger = new GrantLedger();
        var running = Enumerable.Range(0, 150).Select(_ => Guid.NewGuid()).ToList();
        foreach (var id in running)
            ledger.Add("key", id, Start, Kept, [(int.MaxValue, Start)]);
        foreach (var id in running.Take(100))
            ledger.Remove("key", id);
        Assert.True(Add(ledger, 0, (2, 60)));
        foreach (var id in running.Skip(100))
            ledger.Keep("key", id, Start, Kept);
        ledger.Keep("key", running[^1], Start, Kept);
        Assert.False(Add(ledger, 1, (51, 60)));
        Assert.True(Add(ledger, 1, (52, 60)));
    }

    [Fact]
    public void Keys_that_had_no_grant_for_longest_go_first()
    {
        var ledger = new GrantLedger(most: 3);
        foreach (var key in new[] { "a", "b", "c", "a" })
            Assert.Equal([true], ledger.Add(key, Guid.NewGuid(), Start, Kept, [(5, Start.AddHours(-1))]));

        Assert.Equal(1, ledger.Dropped);
        Assert.Equal([true], ledger.Add("b", Guid.NewGuid(), Start, Kept, [(1, Start.AddHours(-1))]));
        Assert.Equal([false], ledger.Add("a", Guid.NewGuid(), Start, Kept, [(2, Start.AddHours(-1))]));
    }

    [Fact]
    public void What_is_older_than_any_policy_counts_is_forgotten()
    {
        // With room for one grant, a second key stays only where the first was forgotten for its age, and not the second to make room.
        var ledger = new GrantLedger(most: 2);
        ledger.Add("old", Guid.NewGuid(), Start, TimeSpan.FromHours(1), [(2, Start.AddHours(-1))]);
        ledger.Add("old", Guid.NewGuid(), Start, TimeSpan.FromHours(1), [(2, Start.AddHours(-1))]);
        Assert.Equal([true], ledger.Add("new", Guid.NewGuid(), Start.AddHours(1), Kept, [(1, Start)]));
        Assert.Equal([true], ledger.Add("old", Guid.NewGuid(), Start.AddHours(1), Kept, [(1, Start.AddHours(-1))]));
        Assert.Equal([false], ledger.Add("new", Guid.NewGuid(), Start.AddHours(1), Kept, [(1, Start)]));
    }

    [Fact]
    public async Task Of_many_at_once_just_as_many_get_through_as_there_is_room_for()
    {
        var ledger = new GrantLedger();
        var taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => Add(ledger, 0, (3, 60)))));
        Assert.Equal(3, taken.Count(isIn => isIn));
    }

    private static bool Add(GrantLedger ledger, double minute, (int Count, double Minutes) limit) => AddAll(ledger, minute, limit)[0];

    private static IReadOnlyList<bool> AddAll(GrantLedger ledger, double minute, params (int Count, double Minutes)[] limits)
    {
        var now = Start.AddMinutes(minute);
        return ledger.Add("key", Guid.NewGuid(), now, Kept, [.. limits.Select(limit => (limit.Count, now.AddMinutes(-limit.Minutes)))]);
    }
}
