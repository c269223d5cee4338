using System.Globalization;

namespace TokenBroker.FaultTests;

/// <summary>How long the tests last that are better the longer they are: a minute, or what SOAK_SECONDS says.</summary>
internal static class TestDuration
{
    public static TimeSpan Value { get; } = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("SOAK_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? Math.Clamp(seconds, 10, 7200)
            : 60);

    /// <summary>Chance that can be had again: the seed is told, and taken from SOAK_SEED.</summary>
    public static Random CreateRandom(ITestOutputHelper output)
    {
        var seed = int.TryParse(
            Environment.GetEnvironmentVariable("SOAK_SEED"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var given) ? given : Random.Shared.Next();
        output.WriteLine($"SOAK_SEED={seed}");
        return new Random(seed);
    }
}
