namespace TokenBroker.Tests.Authentication;

/// <summary>
/// Moves the clock to the very moment for which a loop of keys waits and not beyond: a fetch has a deadline by the same clock, which must
/// not pass while the fetch is on its way.
/// </summary>
internal static class KeyRefreshClock
{
    private const int MostRounds = 30;
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(13.5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(16.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something waits for this long by the clock.</summary>
    public static Task PauseAsync(this ManualClock clock, TimeSpan pause) =>
        Eventually.IsTrueAsync(() => clock.Waits.Contains(pause), $"something waited for {pause}");

    /// <summary>Waits until the loop of the only issuer has good keys and rests; says for how long.</summary>
    public static async Task<TimeSpan> RestAsync(this ManualClock clock)
    {
        var rest = TimeSpan.Zero;
        await Eventually.IsTrueAsync(
            () => (rest = clock.Waits.FirstOrDefault(wait => wait >= Shortest && wait <= Longest)) > TimeSpan.Zero,
            "the loop rested for a quarter of an hour");
        return rest;
    }

    /// <summary>Moves to the next fetch after a good one.</summary>
    public static async Task AdvanceToNextFetchAsync(this ManualClock clock) => clock.Advance(await clock.RestAsync());

    /// <summary>
    /// Moves by the longest pause after a failure, again and again until a fetch was good. One that starts in the middle of a move may
    /// fail; the next then starts at the end of one.
    /// </summary>
    public static async Task AdvanceUntilReachedAsync(this TestBroker broker)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            broker.Clock!.Advance(LongestPause);
            for (var tries = 0; tries < 50; tries++)
            {
                if ((await broker.ReadinessAsync()).Status == "ok")
                    return;
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        }

        Assert.Fail("The issuer was not reached:\n" + broker.Logs.Text);
    }
}
