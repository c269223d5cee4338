namespace TokenBroker.Testing;

/// <summary>What the command said.</summary>
internal sealed record DoctorReport(int Code, string Output)
{
    /// <summary>Each finding with its advice.</summary>
    public IReadOnlyList<string> Findings { get; } = [.. Output.Replace("\n       -> ", " -> ", StringComparison.Ordinal)
        .Split('\n')
        .TakeWhile(line => line.Length > 0)];

    public IEnumerable<string> Problems => Findings
        .Where(finding => finding.StartsWith("FAULT", StringComparison.Ordinal) || finding.StartsWith("warn", StringComparison.Ordinal));

    /// <summary>That this, and nothing else, was found.</summary>
    /// <param name="mark"><c>FAULT</c> or <c>warn</c>.</param>
    /// <param name="parts">What the line holds in this order, the advice at its end.</param>
    public void IsOnly(string mark, params string[] parts)
    {
        Assert.True(Problems.Count() == 1, Output);
        var found = Problems.Single();
        Assert.StartsWith(mark, found, StringComparison.Ordinal);
        var at = 0;
        foreach (var part in parts)
        {
            at = found.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{part}' is not where it should be in: {found}");
        }

        Assert.Contains(" -> ", found, StringComparison.Ordinal);
        Assert.Equal(mark == "FAULT" ? 1 : 0, Code);
    }
}
