namespace TokenBroker.Auditing;

/// <summary>Texts that somebody else chose, as long as an event bears them.</summary>
internal static class AuditText
{
    private const int Longest = 256;

    /// <summary>The text, or its beginning and an ellipsis.</summary>
    public static string? Cut(string? text)
    {
        if (text is null || text.Length <= Longest)
            return text;

        // Half a surrogate pair is no text.
        var end = char.IsHighSurrogate(text[Longest - 2]) ? Longest - 2 : Longest - 1;
        return text[..end] + "…";
    }
}
