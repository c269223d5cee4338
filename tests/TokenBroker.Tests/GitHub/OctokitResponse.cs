using System.Net;
using Octokit;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>An answer of GitHub's, read as the broker reads it.</summary>
internal static class OctokitResponse
{
    /// <summary>An answer to whoever asks for a token.</summary>
    public static Task<IApiResponse<AccessToken>> ReadAsync(string json) =>
        ReadAsync(json, github => github.Post<AccessToken>(new Uri("token", UriKind.Relative), CancellationToken.None));

    /// <summary>An answer to a call of Octokit's.</summary>
    public static async Task<T> ReadAsync<T>(string json, Func<Connection, Task<T>> ask)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Created) { Content = new StringContent(json) };
        var answer = await GitHubAnswer.ReadAsync(response, CancellationToken.None);
        return await OctokitConnection.AskAsync("token", _ => Task.FromResult(answer), ask, IssuedToken.Unreadable);
    }
}
