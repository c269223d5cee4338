using System.Collections.Concurrent;
using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>One thing that a check found.</summary>
/// <param name="Severity">What it means to an operator.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Text">What was found. Never a token, a JWT or a key.</param>
/// <param name="Advice">How to fix it; null if there is nothing to fix.</param>
internal sealed record CheckResult(Severity Severity, string Subject, string Text, string? Advice)
{
    private const int Longest = 600;

    /// <summary>One line, and a second one for the advice.</summary>
    public override string ToString() =>
        $"{Word,-5}  {Clean(Subject)}: {Clean(Text)}{(Advice is null ? "" : $"\n       -> {Clean(Advice)}")}";

    private string Word => Severity switch
    {
        Severity.Ok => "ok",
        Severity.Note => "note",
        Severity.Warning => "warn",
        _ => "FAULT",
    };

    // Much of the text comes from other servers.
    private static string Clean(string text)
    {
        var cleaned = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().TakeWhile(_ => cleaned.Length < Longest))
            cleaned.Append(ReadableText.IsHidden(rune) ? " " : rune.ToString());
        return cleaned.ToString();
    }
}

/// <summary>What a result means to an operator.</summary>
internal enum Severity
{
    Ok,

    /// <summary>Worth knowing, neither good nor bad.</summary>
    Note,

    /// <summary>It works now, but may not for long.</summary>
    Warning,

    /// <summary>Callers are refused because of it, or will be.</summary>
    Fault,
}

/// <summary>The results of one check, in the order in which they were found.</summary>
internal sealed class CheckResults
{
    private readonly ConcurrentQueue<CheckResult> all = new();

    public IReadOnlyList<CheckResult> All => [.. all];

    public void AddRange(CheckResults others)
    {
        foreach (var result in others.All)
            all.Enqueue(result);
    }

    public void Ok(string subject, string text) => all.Enqueue(new CheckResult(Severity.Ok, subject, text, Advice: null));

    public void Note(string subject, string text) => all.Enqueue(new CheckResult(Severity.Note, subject, text, Advice: null));

    public void Warn(string subject, string text, string advice) => all.Enqueue(new CheckResult(Severity.Warning, subject, text, advice));

    public void Fault(string subject, string text, string advice) => all.Enqueue(new CheckResult(Severity.Fault, subject, text, advice));
}
