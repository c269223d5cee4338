namespace TokenBroker.GitHub;

/// <summary>Whether GitHub answered the last time it was asked.</summary>
internal sealed class GitHubHealth
{
    /// <summary>What was wrong the last time; null if nothing was.</summary>
    public string? Fault { get; private set; }

    public void Succeeded() => Fault = null;

    public void Failed(string fault) => Fault = fault;
}
