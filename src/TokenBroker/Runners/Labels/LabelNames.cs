namespace TokenBroker.Runners.Labels;

/// <summary>What GitHub takes as labels.</summary>
internal static class LabelNames
{
    public const int Most = 100;
    public const int Longest = 256;

    public static bool AreValid(IReadOnlyList<string>? labels) => labels is { Count: <= Most } && labels.All(IsValid);

    public static bool IsValid(string? label) => label is { Length: >= 1 and <= Longest } && !string.IsNullOrWhiteSpace(label) && !label.Any(char.IsControl);
}
