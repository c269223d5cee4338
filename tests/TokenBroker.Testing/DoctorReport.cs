namespace TokenBroker.Testing;

/// <summary>What the command said.</summary>
internal sealed record DoctorReport(int Code, string Output)
{
    /// <summary>Each result with its advice.</summary>
    public IReadOnlyList<string> Results { get; } = [.. Output.Replace("\n       -> ", " -> ", StringComparison.Ordinal)
        .Split('\n')
        .TakeWhile(line => line.Length > 0)];

    public IEnumerable<string> Problems => Results
        .Where(result => result.StartsWith("FAULT", StringComparison.Ordinal) || result.StartsWith("warn", StringComparison.Ordinal));

    /// <summary>That this, and nothing else, was found.</summary>
    /// <param name="severity"><c>FAULT</c> or <c>warn</c>.</param>
    /// <param name="parts">What the line holds in this order, the advice at its end.</param>
    public void IsOnly(string severity, params string[] parts)
    {
        Assert.True(Problems.Count() == 1, Output);
        var found = Problems.Single();
        Assert.StartsWith(severity, found, StringComparison.Ordinal);
        var at = 0;
        foreach (var part in parts)
        {
            at = found.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{part}' is not where it should be in: {found}");
        }

        Assert.Contains(" -> ", found, StringComparison.Ordinal);
        Assert.Equal(severity == "FAULT" ? 1 : 0, Code);
    }
}
