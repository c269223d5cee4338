using System.Net;
using System.Text.Json;
using TokenBroker.Caching;

namespace TokenBroker.GitHub;

/// <summary>An answer of GitHub's that is neither a passing fault nor a limit.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The JSON body; undefined where there is none.</param>
internal sealed record GitHubAnswer(HttpStatusCode Status, JsonElement Body)
{
    /// <summary>The body as it came, to be passed on with whatever GitHub adds to it one day.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The <c>ETag</c> header.</summary>
    public string? EntityTag { get; init; }

    /// <summary>The <c>Link</c> header, which points at GitHub.</summary>
    public string? Link { get; init; }

    /// <summary>How GitHub's own records know the request.</summary>
    public MintTrace? Trace { get; init; }

    /// <summary>The <c>x-oauth-scopes</c> header: what a classic personal access token may do.</summary>
    // See https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
    public string? TokenScopes { get; init; }

    /// <summary>The <c>github-authentication-token-expiration</c> header: when a personal access token ends.</summary>
    // See https://github.blog/changelog/2021-07-26-expiration-options-for-personal-access-tokens/
    public string? TokenExpiry { get; init; }

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Whether GitHub refuses the credential or what it is used for.</summary>
    public bool IsRefusal => Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>GitHub's own words, fit to be passed on.</summary>
    public string Message => GitHubMessage.Of(Body) ?? $"GitHub answered {(int)Status}.";

    /// <summary>A member of the body that is a string.</summary>
    public string? Text(string name) => Text(Body, name);

    /// <summary>A member of a body that is a string; null also for one that is no text, such as half of a surrogate pair.</summary>
    public static string? Text(JsonElement body, string name)
    {
        try
        {
            return body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
                ? member.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A member of a body that is a whole number.</summary>
    public static long? Number(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var number)
            ? number
            : null;
}
