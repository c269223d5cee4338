using System.Globalization;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>The App and its installations.</summary>
internal static class InstallationJson
{
    private const string Slug = "sandbox";

    public static JsonObject Installation(string api, long appId, SandboxAccount account, SandboxInstallation installation) => new()
    {
        ["id"] = installation.Id,
        ["account"] = AccountJson.Simple(api, account),
        ["repository_selection"] = Selection(installation.SelectedRepositories is not null),
        ["access_tokens_url"] = string.Create(CultureInfo.InvariantCulture, $"{api}/app/installations/{installation.Id}/access_tokens"),
        ["repositories_url"] = $"{api}/installation/repositories",
        ["html_url"] = string.Create(
            CultureInfo.InvariantCulture,
            $"https://github.com/organizations/{account.Login}/settings/installations/{installation.Id}"),
        ["app_id"] = appId,
        ["app_slug"] = Slug,
        ["target_id"] = account.Id,
        ["target_type"] = account.Type.ToString(),
        ["permissions"] = Permissions(installation.Permissions),
        ["events"] = new JsonArray(),
        ["created_at"] = AccountJson.Founded,
        ["updated_at"] = AccountJson.Founded,
        ["single_file_name"] = null,
        ["has_multiple_single_files"] = false,
        ["single_file_paths"] = new JsonArray(),
        ["suspended_by"] = installation.SuspendedAt is null ? null : AccountJson.Simple(api, account),
        ["suspended_at"] = installation.SuspendedAt is { } moment ? GitHubJson.Moment(moment) : null,
    };

    public static JsonObject App(string api, SandboxCredentials credentials, SandboxAccount owner, int installations) => new()
    {
        ["id"] = credentials.AppId,
        ["slug"] = Slug,
        ["node_id"] = AccountJson.NodeId("Integration", credentials.AppId),
        ["client_id"] = credentials.AppClientId,
        ["owner"] = AccountJson.Simple(api, owner),
        ["name"] = "Sandbox",
        ["description"] = "",
        ["external_url"] = "https://github.com",
        ["html_url"] = $"https://github.com/apps/{Slug}",
        ["created_at"] = AccountJson.Founded,
        ["updated_at"] = AccountJson.Founded,
        ["permissions"] = Permissions(credentials.AppPermissions),
        ["events"] = new JsonArray(),
        ["installations_count"] = installations,
    };

    public static string Selection(bool selected) => selected ? "selected" : "all";

    public static JsonObject Permissions(IReadOnlyDictionary<string, string> permissions)
    {
        var json = new JsonObject();
        foreach (var (name, level) in permissions)
            json[name] = level;
        return json;
    }
}
