using System.Net;
using Octokit;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub's answer to whoever asks for a token, read as the broker reads it.</summary>
internal static class IssuedAnswer
{
    public static async Task<IApiResponse<AccessToken>> ReadAsync(string json)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Created) { Content = new StringContent(json) };
        var answer = await GitHubAnswer.ReadAsync(response, CancellationToken.None);
        return await OctokitConnection.AskAsync(
            "token", _ => Task.FromResult(answer), github => github.Post<AccessToken>(new Uri("token", UriKind.Relative), CancellationToken.None), IssuedToken.Unreadable);
    }
}
