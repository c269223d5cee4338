using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>Reads the tokens that GitHub issues.</summary>
internal static class IssuedToken
{
    private const int Longest = 4096;

    // As GitHub writes it: the usual encoder makes the + of an offset \u002B, which scripts without a JSON parser pass on as it is.
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The token alone, for the broker's own use.</summary>
    public static Secret Read(GitHubAnswer answer, TimeProvider clock)
    {
        var (token, expiresAt) = Check(answer, clock);
        return new Secret(token, expiresAt);
    }

    /// <summary>
    /// The whole answer as JSON, for a caller: what GitHub says beside the token is passed on, but for <c>repositories</c>,
    /// whose entries can carry a clone credential.
    /// </summary>
    public static Secret ReadForCaller(GitHubAnswer answer, TimeProvider clock)
    {
        var (_, expiresAt) = Check(answer, clock);
        var body = JsonObject.Create(answer.Body)!;
        body.Remove("repositories");
        return new Secret(body.ToJsonString(AsWritten), expiresAt) { Origin = answer.Trace };
    }

    /// <summary>The token alone of one that was read for a caller.</summary>
    public static string TokenOf(Secret secret) => JsonElement.Parse(secret.Value).GetProperty("token").GetString()!;

    private static (string Token, DateTimeOffset ExpiresAt) Check(GitHubAnswer answer, TimeProvider clock)
    {
        if (answer.Text("token") is not { Length: > 0 and <= Longest } token || !token.All(character => character is > ' ' and < '\u007f'))
            throw Useless("GitHub's answer held no token.");

        // With milliseconds and an offset at times: 2020-01-22T12:13:35.123-08:00.
        if (!DateTimeOffset.TryParse(answer.Text("expires_at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiresAt))
            throw Useless("GitHub's answer did not say when its token ends.");
        return expiresAt > clock.GetUtcNow() ? (token, expiresAt) : throw Useless("GitHub's token had already expired.");
    }

    private static FailureException Useless(string detail) => new(new Failure(FailureKinds.UselessToken, detail));
}
