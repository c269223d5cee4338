using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.GitHub;

/// <summary>Who owns an installation, as GitHub describes it.</summary>
/// <param name="Login">The account's name.</param>
/// <param name="Id">The account's number.</param>
/// <param name="Type"><c>Organization</c> or <c>User</c>.</param>
public sealed record Account(
    [property: JsonPropertyName("login")] string Login,
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("type")] string Type)
{
    /// <summary>Reads the <c>account</c> of an installation; null if there is none.</summary>
    internal static Account? Read(JsonElement installation) =>
        installation.TryGetProperty("account", out var account) && account.ValueKind == JsonValueKind.Object
        && account.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number)
        && GitHubAnswer.Text(account, "login") is { } login && GitHubAnswer.Text(account, "type") is { } type
            ? new Account(login, number, type)
            : null;
}
