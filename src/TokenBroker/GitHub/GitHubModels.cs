using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>
/// The App's installation on an account, as far as the broker looks at it: Octokit's own model cannot be read at all where a member that
/// nobody asked for has a value that it does not know.
/// </summary>
internal sealed class Installation
{
    public long Id { get; set; }

    public Account? Account { get; set; }

    public string? SuspendedAt { get; set; }

    /// <summary>What the account's owner has granted; null where GitHub does not say, which is no no.</summary>
    public Dictionary<string, object>? Permissions { get; set; }

    public bool Grants(Permission permission) => Permissions is null || permission.IsGrantedBy(Permissions.GetValueOrDefault(permission.Name) as string);
}

/// <summary>Who owns an installation, as GitHub describes it.</summary>
public sealed record Account
{
    /// <summary>The <see cref="Type"/> of an organisation.</summary>
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

/// <summary>The App as GitHub describes it. Octokit's own model knows some permissions only.</summary>
internal sealed class RegisteredApp
{
    public string Name { get => field is { Length: > 0 } name ? name : Slug; set; } = "";

    public string Slug { get; set; } = "";

    /// <summary>Where it can be installed.</summary>
    public string? HtmlUrl { get; set; }

    /// <summary>What it asks of those who install it: <c>read</c> or <c>write</c>, by GitHub's names.</summary>
    public Dictionary<string, string> Permissions { get; set => field = value ?? []; } = [];
}

/// <summary>A runner that is to be made with a just-in-time configuration, as GitHub is asked for it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="GroupId">The runner group.</param>
/// <param name="Labels">All its labels.</param>
/// <param name="WorkFolder">Where jobs run, below the runner's own folder.</param>
public sealed record JitRunner(string Name, long GroupId, IReadOnlyList<string> Labels, string WorkFolder);

/// <summary>A runner that is there, as far as policies look at it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CustomLabels">The labels that can be taken from it.</param>
/// <param name="FixedLabels">The others.</param>
internal sealed record ListedRunner(string Name, IReadOnlyList<string> CustomLabels, IReadOnlyList<string> FixedLabels)
{
    private const string Fixed = "read-only";

    /// <summary>Its own label of that name, which GitHub knows in any letter case; null if it has none.</summary>
    public string? LabelNamed(string name) =>
        CustomLabels.Concat(FixedLabels).FirstOrDefault(label => string.Equals(label, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads GitHub's answer.</summary>
    public static ListedRunner Read(GitHubAnswer answer)
    {
        if (answer.Text("name") is not { } name)
            throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, "GitHub described no runner."));
        var labels = answer.Json.TryGetProperty("labels", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
        var byKind = labels.ToLookup(label => GitHubAnswer.Text(label, "type") == Fixed, label => GitHubAnswer.Text(label, "name"));
        return new ListedRunner(name, [.. byKind[false].OfType<string>()], [.. byKind[true].OfType<string>()]);
    }
}

/// <summary>The one permission of the App that an operation on a scope needs.</summary>
/// <param name="Name">GitHub's name of it.</param>
/// <param name="Access"><c>read</c> or <c>write</c>.</param>
// See https://docs.github.com/rest/authentication/permissions-required-for-github-apps
internal sealed record Permission(string Name, string Access)
{
    private const string Read = "read";
    private const string Write = "write";

    /// <summary>What looking at a scope's runners needs.</summary>
    public static Permission ToRead(Scope scope) => Of(scope.Kind, writes: false);

    /// <summary>What changing a scope's runners, or getting a token for them, needs.</summary>
    public static Permission ToWrite(Scope scope) => Of(scope.Kind, writes: true);

    /// <summary>What looking at, or changing, the runners of such a scope needs.</summary>
    public static Permission Of(ScopeKind kind, bool writes) =>
        new(kind == ScopeKind.Repository ? "administration" : "organization_self_hosted_runners", writes ? Write : Read);

    /// <summary>Whether what was granted includes it.</summary>
    public bool IsGrantedBy(string? granted) => granted == Write || granted == Access;

    public override string ToString() => $"{Name}: {Access}";
}
