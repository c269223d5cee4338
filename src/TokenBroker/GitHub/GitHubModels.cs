using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>
/// The members of an App's installation that the broker uses. Octokit's own model fails to deserialize when any other member has a value
/// that it does not know.
/// </summary>
internal sealed class Installation
{
    public long Id { get; set; }

    public Account? Account { get; set; }

    public string? SuspendedAt { get; set; }

    /// <summary>The permissions granted; null if GitHub does not list them, which is not a refusal.</summary>
    public Dictionary<string, object>? Permissions { get; set; }

    public bool Grants(Permission permission) =>
        Permissions is null || permission.IsGrantedBy(Permissions.GetValueOrDefault(permission.Name) as string);
}

/// <summary>The account that an installation belongs to.</summary>
public sealed record Account
{
    /// <summary>The <see cref="Type"/> of an organization.</summary>
    public const string Organization = nameof(Organization);

    /// <summary>The account's name.</summary>
    [JsonPropertyName("login")]
    public string? Login { get; set; }

    /// <summary>The account's number.</summary>
    [JsonPropertyName("id")]
    public long Id { get; set; }

    /// <summary><c>Organization</c> or <c>User</c>.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; set; }
}

/// <summary>The App as GitHub describes it. Octokit's own model has only some of the permissions.</summary>
internal sealed class RegisteredApp
{
    public string Name { get => field is { Length: > 0 } name ? name : Slug; set; } = "";

    public string Slug { get; set; } = "";

    /// <summary>The page on which the App can be installed.</summary>
    public string? HtmlUrl { get; set; }

    /// <summary>The access that the App requests, <c>read</c> or <c>write</c>, by GitHub's permission names.</summary>
    public Dictionary<string, string> Permissions { get; set => field = value ?? []; } = [];
}

/// <summary>A runner to be created with a just-in-time configuration.</summary>
/// <param name="Name">The runner's name, which is unique in its scope.</param>
/// <param name="GroupId">The ID of the runner group.</param>
/// <param name="Labels">All of its labels.</param>
/// <param name="WorkFolder">Where jobs run, relative to the runner's own folder.</param>
public sealed record JitRunner(string Name, long GroupId, IReadOnlyList<string> Labels, string WorkFolder);

/// <summary>The properties of an existing runner that policies check.</summary>
/// <param name="Name">The runner's name.</param>
/// <param name="CustomLabels">The labels that can be removed.</param>
/// <param name="FixedLabels">The labels that GitHub sets itself.</param>
internal sealed record ListedRunner(string Name, IReadOnlyList<string> CustomLabels, IReadOnlyList<string> FixedLabels)
{
    private const string Fixed = "read-only";

    /// <summary>The label as the runner spells it; null without one. GitHub ignores the case of labels.</summary>
    public string? LabelNamed(string name) =>
        CustomLabels.Concat(FixedLabels).FirstOrDefault(label => string.Equals(label, name, StringComparison.OrdinalIgnoreCase));

    public static ListedRunner Read(GitHubAnswer answer)
    {
        if (answer.Text("name") is not { } name)
            throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, "GitHub's response did not describe a runner."));
        var hasLabels = answer.Json.TryGetProperty("labels", out var list) && list.ValueKind == JsonValueKind.Array;
        var labels = hasLabels ? list.EnumerateArray() : default;
        var byKind = labels.ToLookup(label => GitHubAnswer.Text(label, "type") == Fixed, label => GitHubAnswer.Text(label, "name"));
        return new ListedRunner(name, [.. byKind[false].OfType<string>()], [.. byKind[true].OfType<string>()]);
    }
}

/// <summary>The one permission of the App that an operation on a scope needs.</summary>
/// <param name="Name">The permission's name at GitHub.</param>
/// <param name="Access"><c>read</c> or <c>write</c>.</param>
// See https://docs.github.com/rest/authentication/permissions-required-for-github-apps
internal sealed record Permission(string Name, string Access)
{
    private const string Read = "read";
    private const string Write = "write";

    /// <summary>The permission to list a scope's runners.</summary>
    public static Permission ToRead(Scope scope) => ForKind(scope.Kind, writes: false);

    /// <summary>The permission to change a scope's runners, or to get a token for them.</summary>
    public static Permission ToWrite(Scope scope) => ForKind(scope.Kind, writes: true);

    public static Permission ForKind(ScopeKind kind, bool writes) =>
        new(kind == ScopeKind.Repository ? "administration" : "organization_self_hosted_runners", writes ? Write : Read);

    public bool IsGrantedBy(string? granted) => granted == Write || granted == Access;

    public override string ToString() => $"{Name}: {Access}";
}
