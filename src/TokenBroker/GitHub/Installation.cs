using System.Text.Json.Serialization;

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
