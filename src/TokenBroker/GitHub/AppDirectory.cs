using System.Globalization;
using System.Net;
using System.Text.Json;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>The App itself and all its installations. Only a diagnosis that an operator starts asks for them, never a caller.</summary>
internal sealed class AppDirectory(GitHubAppClient app)
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    /// <summary>GitHub's answer to who the App is.</summary>
    // See https://docs.github.com/rest/apps/apps#get-the-authenticated-app
    public Task<GitHubAnswer> GetAsync(CancellationToken cancellation) =>
        app.SendAsync(new GitHubCall("app", HttpMethod.Get, "app"), cancellation);

    /// <summary>The installations, and whether these are all: no more than a thousand are read.</summary>
    // See https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app
    public async Task<(IReadOnlyList<Installation> Installations, bool AreAll)> ListAsync(CancellationToken cancellation)
    {
        var installations = new List<Installation>();
        for (var page = 1; page <= MostPages; page++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"app/installations?per_page={PageSize}&page={page}");
            var answer = await app.SendAsync(new GitHubCall("installations", HttpMethod.Get, path), cancellation);
            if (answer.Status != HttpStatusCode.OK || answer.Body.ValueKind != JsonValueKind.Array)
                throw new FailureException(new Failure(FailureKinds.RefusedByGitHub, answer.Message));

            installations.AddRange(answer.Body.EnumerateArray().Select(Installation.Read).OfType<Installation>());
            if (answer.Body.GetArrayLength() < PageSize)
                return (installations, true);
        }

        return (installations, false);
    }
}
