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
    /// <summary>The account of an installation; null where GitHub did not describe it.</summary>
    internal static Account? Of(Octokit.Installation installation) =>
        installation.Account is { Login: { } login, Id: > 0, Type: { } type } owner ? new Account(login, owner.Id, type.ToString()) : null;
}
