using System.Text.Json;

namespace TokenBroker.GitHub;

/// <summary>The App as GitHub describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Page">Where it can be installed.</param>
/// <param name="Permissions">What it asks of those who install it: <c>read</c> or <c>write</c>, by GitHub's names.</param>
internal sealed record RegisteredApp(string Name, string Slug, string? Page, IReadOnlyDictionary<string, string> Permissions)
{
    /// <summary>Reads GitHub's answer; null if it describes no App.</summary>
    public static RegisteredApp? Read(JsonElement body) =>
        GitHubAnswer.Text(body, "slug") is { Length: > 0 } slug
            ? new RegisteredApp(GitHubAnswer.Text(body, "name") ?? slug, slug, GitHubAnswer.Text(body, "html_url"), ReadPermissions(body))
            : null;

    private static Dictionary<string, string> ReadPermissions(JsonElement body)
    {
        var permissions = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!body.TryGetProperty("permissions", out var members) || members.ValueKind != JsonValueKind.Object)
            return permissions;
        foreach (var member in members.EnumerateObject())
        {
            if (GitHubAnswer.Text(members, member.Name) is { } access)
                permissions[member.Name] = access;
        }

        return permissions;
    }
}
