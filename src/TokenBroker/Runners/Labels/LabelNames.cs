using TokenBroker.Hosting;

namespace TokenBroker.Runners.Labels;

/// <summary>What GitHub takes as labels.</summary>
internal static class LabelNames
{
    public const int Most = 100;
    public const int Longest = 256;

    public static bool AreValid(IReadOnlyList<string>? labels) => labels is { Count: <= Most } && labels.All(IsValid);

    // Where labels are listed a comma parts them, so one label with a comma may be read as two, of which a policy saw neither.
    public static bool IsValid(string? label) => label is { Length: >= 1 and <= Longest } && ReadableText.Is(label) && !label.Contains(',', StringComparison.Ordinal);
}
