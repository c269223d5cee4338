using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>A repository with all that GitHub's description requires of one.</summary>
internal static class RepositoryJson
{
    // The member's name without "_url", then what follows the repository's own address.
    private static readonly (string Member, string Path)[] Addresses =
    [
        ("archive", "/{archive_format}{/ref}"),
        ("assignees", "/assignees{/user}"),
        ("blobs", "/git/blobs{/sha}"),
        ("branches", "/branches{/branch}"),
        ("collaborators", "/collaborators{/collaborator}"),
        ("comments", "/comments{/number}"),
        ("commits", "/commits{/sha}"),
        ("compare", "/compare/{base}...{head}"),
        ("contents", "/contents/{+path}"),
        ("contributors", "/contributors"),
        ("deployments", "/deployments"),
        ("downloads", "/downloads"),
        ("events", "/events"),
        ("forks", "/forks"),
        ("git_commits", "/git/commits{/sha}"),
        ("git_refs", "/git/refs{/sha}"),
        ("git_tags", "/git/tags{/sha}"),
        ("hooks", "/hooks"),
        ("issue_comment", "/issues/comments{/number}"),
        ("issue_events", "/issues/events{/number}"),
        ("issues", "/issues{/number}"),
        ("keys", "/keys{/key_id}"),
        ("labels", "/labels{/name}"),
        ("languages", "/languages"),
        ("merges", "/merges"),
        ("milestones", "/milestones{/number}"),
        ("notifications", "/notifications{?since,all,participating}"),
        ("pulls", "/pulls{/number}"),
        ("releases", "/releases{/id}"),
        ("stargazers", "/stargazers"),
        ("statuses", "/statuses/{sha}"),
        ("subscribers", "/subscribers"),
        ("subscription", "/subscription"),
        ("tags", "/tags"),
        ("teams", "/teams"),
        ("trees", "/git/trees{/sha}"),
    ];

    private static readonly string[] Zeros =
        ["forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size", "open_issues", "open_issues_count"];

    private static readonly string[] No = ["fork", "has_pages", "archived", "disabled"];

    private static readonly string[] Yes = ["private", "has_issues", "has_projects", "has_wiki", "has_downloads"];

    private static readonly string[] Nothing = ["description", "license", "mirror_url", "homepage", "language"];

    /// <param name="api">The address of the API.</param>
    /// <param name="owner">The repository's owner.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="cloneToken">A credential that reads the repository: passing this object on discloses it.</param>
    public static JsonObject Full(string api, SandboxAccount owner, SandboxRepository repository, string cloneToken)
    {
        var url = $"{api}/repos/{repository.FullName}";
        var page = $"https://github.com/{repository.FullName}";
        var json = new JsonObject
        {
            ["id"] = repository.Id,
            ["node_id"] = AccountJson.NodeId("Repository", repository.Id),
            ["name"] = repository.Name,
            ["full_name"] = repository.FullName,
            ["owner"] = AccountJson.Simple(api, owner),
            ["html_url"] = page,
            ["url"] = url,
            ["git_url"] = $"git://github.com/{repository.FullName}.git",
            ["ssh_url"] = $"git@github.com:{repository.FullName}.git",
            ["clone_url"] = $"{page}.git",
            ["svn_url"] = page,
            ["temp_clone_token"] = cloneToken,
            ["default_branch"] = "main",
            ["visibility"] = "private",
            ["pushed_at"] = AccountJson.Founded,
            ["created_at"] = AccountJson.Founded,
            ["updated_at"] = AccountJson.Founded,
            ["permissions"] = new JsonObject { ["admin"] = false, ["push"] = false, ["pull"] = false },
        };
        foreach (var (member, path) in Addresses)
            json[member + "_url"] = url + path;
        foreach (var member in Zeros)
            json[member] = 0;
        foreach (var member in No)
            json[member] = false;
        foreach (var member in Yes)
            json[member] = true;
        foreach (var member in Nothing)
            json[member] = null;
        return json;
    }
}
