namespace TokenBroker.Testing;

/// <summary>Waits for what other threads and sockets do in their own time. The bound only ends a test that would never end.</summary>
internal static class Eventually
{
    private const int MostTries = 3_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static Task IsTrueAsync(Func<bool> condition, string what) => IsTrueAsync(() => Task.FromResult(condition()), what);

    public static async Task IsTrueAsync(Func<Task<bool>> condition, string what)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await condition())
                return;
            await Task.Delay(Pause, TimeProvider.System);
        }

        throw new TimeoutException("It never happened that " + what + ".");
    }
}
