using System.Collections.Concurrent;

namespace TokenBroker.Commands.Doctor;

/// <summary>What was found of one subject, in the order in which it was.</summary>
internal sealed class Findings
{
    private readonly ConcurrentQueue<Finding> all = new();

    public IReadOnlyList<Finding> All => [.. all];

    public void AddRange(Findings others)
    {
        foreach (var finding in others.All)
            all.Enqueue(finding);
    }

    public void Ok(string subject, string text) => all.Enqueue(new Finding(Mark.Ok, subject, text, Advice: null));

    public void Note(string subject, string text) => all.Enqueue(new Finding(Mark.Note, subject, text, Advice: null));

    public void Warn(string subject, string text, string advice) => all.Enqueue(new Finding(Mark.Warning, subject, text, advice));

    public void Fault(string subject, string text, string advice) => all.Enqueue(new Finding(Mark.Fault, subject, text, advice));
}
