using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octokit;
using TokenBroker.Caching;
using TokenBroker.Failures;
using Scope = TokenBroker.Scopes.Scope;

namespace TokenBroker.GitHub;

/// <summary>Asks GitHub for registration and remove tokens.</summary>
internal sealed class RunnerTokenMint(ScopeClient scopes, GitHubClock clock)
{
    /// <summary>A new token, as the JSON that a caller gets; throws <see cref="FailureException"/> if GitHub refuses one.</summary>
    // See https://docs.github.com/rest/actions/self-hosted-runners#create-a-registration-token-for-an-organization
    public async Task<Secret> MintAsync(RunnerTokenKind kind, Scope scope, CancellationToken cancellation)
    {
        var name = kind == RunnerTokenKind.Registration ? "registration-token" : "remove-token";
        var path = new Uri($"{scope.Path}/actions/runners/{name}", UriKind.Relative);
        var issued = await OctokitConnection.AskAsync(
            name,
            call => scopes.SendAsync(scope, Permission.ToWrite(scope), call, cancellation),
            github => github.Post<AccessToken>(path, cancellation),
            IssuedToken.Unreadable);
        return IssuedToken.ReadForCaller(issued, clock);
    }
}

/// <summary>The two tokens that runners need.</summary>
public enum RunnerTokenKind
{
    /// <summary>Joins runners to a scope.</summary>
    Registration,

    /// <summary>Removes runners from a scope.</summary>
    Remove,
}

/// <summary>Reads and validates the tokens that GitHub issues.</summary>
internal static class IssuedToken
{
    private const int Longest = 4096;

    public static readonly Failure Unreadable = new(
        FailureKinds.UselessToken,
        "GitHub's response contained no token, or did not say when it expires.");

    // As GitHub writes it: the default encoder turns the + of an offset into \u002B, which scripts without a JSON parser do not decode.
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The token alone, for the broker's own use.</summary>
    public static Secret Read(IApiResponse<AccessToken> issued, TimeProvider clock)
    {
        Check(issued, clock);
        return new Secret(issued.Body.Token, issued.Body.ExpiresAt);
    }

    /// <summary>
    /// The whole response as JSON, for a caller, without <c>repositories</c>, whose entries can contain a clone credential.
    /// </summary>
    public static Secret ReadForCaller(IApiResponse<AccessToken> issued, TimeProvider clock)
    {
        Check(issued, clock);
        var answer = (GitHubAnswer)issued.HttpResponse;
        try
        {
            var body = JsonObject.Create(answer.Json)!;
            body.Remove("repositories");
            return new Secret(body.ToJsonString(AsWritten), issued.Body.ExpiresAt) { Origin = answer.Trace };
        }
        catch (ArgumentException)
        {
            // A duplicate key: which of the two counts is unknown.
            throw new FailureException(Unreadable);
        }
    }

    // Octokit turns an empty response into an empty token, and accepts a number as a time.
    private static void Check(IApiResponse<AccessToken> issued, TimeProvider clock)
    {
        var fault = issued.Body?.Token is not { Length: > 0 and <= Longest } token
            || !token.All(character => character is > ' ' and < '\u007f')
                ? "GitHub's response contained no token."
            : ((GitHubAnswer)issued.HttpResponse).Text("expires_at") is null ? "GitHub's response did not say when the token expires."
            : issued.Body.ExpiresAt <= clock.GetUtcNow() ? "GitHub's token had already expired."
            : null;
        if (fault is not null)
            throw new FailureException(Unreadable with { Detail = fault });
    }
}
