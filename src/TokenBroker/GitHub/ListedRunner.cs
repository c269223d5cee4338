using System.Text.Json;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>A runner that is there, as far as policies look at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CustomLabels">The labels that can be taken from it.</param>
internal sealed record ListedRunner(string Name, IReadOnlyList<string> CustomLabels)
{
    private const string Fixed = "read-only";

    /// <summary>Reads GitHub's answer.</summary>
    public static ListedRunner Read(GitHubAnswer answer)
    {
        if (answer.Text("name") is not { } name)
            throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, "GitHub described no runner."));
        var labels = answer.Json.TryGetProperty("labels", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
        return new ListedRunner(name, [.. labels.Where(label => GitHubAnswer.Text(label, "type") != Fixed).Select(label => GitHubAnswer.Text(label, "name")).OfType<string>()]);
    }
}
