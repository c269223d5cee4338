using TokenBroker.Configuration;

namespace TokenBroker.Runners.Labels;

/// <summary>What GitHub takes as labels.</summary>
internal static class LabelNames
{
    public const int Most = 100;
    public const int Longest = 256;

    /// <summary>What the characters of a label may be, for whoever sent another.</summary>
    public const string Characters = "none of them invisible or a comma, and no part of it '.' or '..'";

    public static bool AreValid(IReadOnlyList<string>? labels) => labels is { Count: <= Most } && labels.All(IsValid);

    // Where labels are listed a comma parts them, so one label with a comma may be read as two, of which a policy saw neither. A part that is
    // dots leads to another path once somebody on the way has decoded the slashes beside it.
    public static bool IsValid(string? label) =>
        label is { Length: >= 1 and <= Longest }
        && ReadableText.Is(label)
        && !label.Contains(',', StringComparison.Ordinal)
        && !label.Split('/', '\\').Any(part => part is "." or "..");
}
