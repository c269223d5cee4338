using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>Owners as GitHub describes them.</summary>
internal static class AccountJson
{
    /// <summary>When everything here was made; nothing depends on it.</summary>
    public const string Founded = "2020-01-22T19:33:08Z";

    public static JsonObject Simple(string api, SandboxAccount account)
    {
        var url = $"{api}/users/{account.Login}";
        return new JsonObject
        {
            ["login"] = account.Login,
            ["id"] = account.Id,
            ["node_id"] = NodeId(account.Type.ToString(), account.Id),
            ["avatar_url"] = string.Create(CultureInfo.InvariantCulture, $"https://avatars.githubusercontent.com/u/{account.Id}?v=4"),
            ["gravatar_id"] = "",
            ["url"] = url,
            ["html_url"] = $"https://github.com/{account.Login}",
            ["followers_url"] = $"{url}/followers",
            ["following_url"] = $"{url}/following{{/other_user}}",
            ["gists_url"] = $"{url}/gists{{/gist_id}}",
            ["starred_url"] = $"{url}/starred{{/owner}}{{/repo}}",
            ["subscriptions_url"] = $"{url}/subscriptions",
            ["organizations_url"] = $"{url}/orgs",
            ["repos_url"] = $"{url}/repos",
            ["events_url"] = $"{url}/events{{/privacy}}",
            ["received_events_url"] = $"{url}/received_events",
            ["type"] = account.Type.ToString(),
            ["site_admin"] = false,
        };
    }

    public static JsonObject Public(string api, SandboxAccount account)
    {
        var user = Simple(api, account);
        foreach (var name in new[] { "name", "company", "blog", "location", "email", "hireable", "bio" })
            user[name] = null;
        user["public_repos"] = account.Repositories.Length;
        foreach (var name in new[] { "public_gists", "followers", "following" })
            user[name] = 0;
        user["created_at"] = Founded;
        user["updated_at"] = Founded;
        return user;
    }

    public static string NodeId(string type, long id) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"0{type.Length}:{type}{id}")));
}
