using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>One thing that was found out.</summary>
/// <param name="Mark">What it means.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Text">What was found. Never a token, a JWT or a key.</param>
/// <param name="Advice">What to do; null where there is nothing to do.</param>
internal sealed record Finding(Mark Mark, string Subject, string Text, string? Advice)
{
    private const int Longest = 600;

    /// <summary>One line, and one more with what to do.</summary>
    public override string ToString() =>
        $"{Word,-5}  {Clean(Subject)}: {Clean(Text)}{(Advice is null ? "" : $"\n       -> {Clean(Advice)}")}";

    private string Word => Mark switch
    {
        Mark.Ok => "ok",
        Mark.Note => "note",
        Mark.Warning => "warn",
        _ => "FAULT",
    };

    // Much of it was said by others.
    private static string Clean(string text)
    {
        var cleaned = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().TakeWhile(_ => cleaned.Length < Longest))
            cleaned.Append(ReadableText.IsHidden(rune) ? " " : rune.ToString());
        return cleaned.ToString();
    }
}
