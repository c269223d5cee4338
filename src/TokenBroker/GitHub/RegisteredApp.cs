namespace TokenBroker.GitHub;

/// <summary>The App as GitHub describes it. Octokit's own model knows some permissions only.</summary>
internal sealed class RegisteredApp
{
    public string Name { get; set; } = "";

    public string Slug { get; set; } = "";

    /// <summary>Where it can be installed.</summary>
    public string? HtmlUrl { get; set; }

    /// <summary>What it asks of those who install it: <c>read</c> or <c>write</c>, by GitHub's names.</summary>
    public Dictionary<string, string> Permissions { get; set; } = [];
}
