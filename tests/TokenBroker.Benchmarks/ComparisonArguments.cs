using System.Globalization;

namespace TokenBroker.Benchmarks;

/// <summary>How brokers are to be compared.</summary>
internal sealed record ComparisonArguments
{
    /// <summary>Another published broker; null for none.</summary>
    public string? Against { get; init; }

    /// <summary>How long each server is asked with one JWT, in all turns together.</summary>
    public int Seconds { get; init; } = 6;

    /// <summary>Whether it is only to be seen that it runs.</summary>
    public bool IsDry { get; init; }

    public int Turns => IsDry ? 2 : 6;

    public TimeSpan Turn => IsDry ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(Seconds) / Turns;

    public TimeSpan WarmUp => IsDry ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(3);

    /// <summary>How often each broker is started to see how it begins.</summary>
    public int Starts => IsDry ? 1 : 3;

    /// <summary>The requests from the first on that count as the beginning.</summary>
    public int First => IsDry ? 200 : 10_000;

    /// <summary>How many JWTs are signed, which takes about half a millisecond each on two cores.</summary>
    public int Pool => IsDry ? 400 : 20_000;

    public static bool TryParse(IReadOnlyList<string> arguments, out ComparisonArguments parsed)
    {
        parsed = new ComparisonArguments();
        for (var index = 0; index < arguments.Count; index++)
        {
            var value = index + 1 < arguments.Count ? arguments[index + 1] : "";
            switch (arguments[index])
            {
                case "--dry":
                    parsed = parsed with { IsDry = true };
                    continue;
                case "--against" when File.Exists(Path.Combine(value, "TokenBroker.dll")):
                    parsed = parsed with { Against = Path.GetFullPath(value) };
                    break;
                case "--seconds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    && seconds is >= 1 and <= 600:
                    parsed = parsed with { Seconds = seconds };
                    break;
                default:
                    return false;
            }

            index++;
        }

        return true;
    }
}
