using System.Text.Json;

namespace TokenBroker.GitHub;

/// <summary>The <c>message</c> of GitHub's errors, cleaned and capped: it is passed on to callers and into logs.</summary>
internal static class GitHubMessage
{
    private const int Longest = 300;

    public static string? Of(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("message", out var message) || message.ValueKind != JsonValueKind.String)
            return null;
        var text = string.Concat(message.GetString()!.Take(Longest).Select(character => char.IsControl(character) ? ' ' : character)).Trim();
        return text.Length > 0 ? text : null;
    }
}
