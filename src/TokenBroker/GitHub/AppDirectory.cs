using System.Globalization;
using Octokit;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>The App itself and all its installations. Only a diagnosis that an operator starts asks for them, never a caller.</summary>
internal sealed class AppDirectory(GitHubAppClient app)
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    private static readonly Failure Unreadable = new(FailureKinds.GitHubUnavailable, "GitHub described no App.");

    /// <summary>Who the App is; null where GitHub's answer does not say.</summary>
    // See https://docs.github.com/rest/apps/apps#get-the-authenticated-app
    public async Task<RegisteredApp?> GetAsync(CancellationToken cancellation)
    {
        var answer = await app.AskAsync("app", owner: "", github => github.Get<RegisteredApp>(new Uri("app", UriKind.Relative), parameters: null), Unreadable, cancellation);
        return answer.Body is { Slug.Length: > 0 } described ? described : null;
    }

    /// <summary>The installations, and whether these are all: no more than a thousand are read.</summary>
    // See https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app
    public async Task<(IReadOnlyList<Installation> Installations, bool AreAll)> ListAsync(CancellationToken cancellation)
    {
        var installations = new List<Installation>();
        for (var page = 1; page <= MostPages; page++)
        {
            // Page by page, for a link could lead anywhere.
            var path = new Uri(string.Create(CultureInfo.InvariantCulture, $"app/installations?per_page={PageSize}&page={page}"), UriKind.Relative);
            var answer = await app.AskAsync("installations", owner: "", github => github.Get<List<Installation>>(path, parameters: null), Unreadable, cancellation);
            installations.AddRange(answer.Body);
            if (answer.Body.Count < PageSize)
                return (installations, true);
        }

        return (installations, false);
    }
}
