using System.Net;
using System.Text.Json;

namespace TokenBroker.GitHub;

/// <summary>An answer of GitHub's that is neither a passing fault nor a limit.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The JSON body; undefined where there is none.</param>
internal sealed record GitHubAnswer(HttpStatusCode Status, JsonElement Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Whether GitHub refuses the credential or what it is used for.</summary>
    public bool IsRefusal => Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>GitHub's own words, fit to be passed on.</summary>
    public string Message => GitHubMessage.Of(Body) ?? $"GitHub answered {(int)Status}.";

    /// <summary>A member of the body that is a string.</summary>
    public string? Text(string name) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}
