namespace TokenBroker.GitHub;

/// <summary>One call of GitHub's API.</summary>
/// <param name="Name">The call's name in logs, and what a rate-limit resource is learned for.</param>
/// <param name="Method">The method.</param>
/// <param name="Path">The path below the API's address, without a leading slash; its names are checked before they get here.</param>
internal sealed record GitHubCall(string Name, HttpMethod Method, string Path)
{
    /// <summary>What is sent as JSON; null for no body.</summary>
    public object? Body { get; init; }
}
