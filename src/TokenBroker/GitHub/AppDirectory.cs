using System.Globalization;
using System.Text.Json;
using Octokit;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>The App itself and all its installations. Only a diagnosis that an operator starts asks for them, never a caller.</summary>
internal sealed class AppDirectory(GitHubAppClient app)
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    private static readonly Failure Unreadable = new(FailureKinds.GitHubUnavailable, "GitHub described no App.");
    private static readonly Failure UnreadableList = new(FailureKinds.GitHubUnavailable, "GitHub listed no installations.");

    /// <summary>Who the App is; null where GitHub's answer does not say.</summary>
    // See https://docs.github.com/rest/apps/apps#get-the-authenticated-app
    public async Task<RegisteredApp?> GetAsync(CancellationToken cancellation)
    {
        var answer = await app.AskAsync("app", owner: "", github => github.Get<RegisteredApp>(new Uri("app", UriKind.Relative), parameters: null), Unreadable, cancellation);
        return answer.Body is { Slug.Length: > 0 } described ? described : null;
    }

    /// <summary>The installations, and whether these are all: no more than a thousand are read. Throws <see cref="ApiException"/> where GitHub refuses.</summary>
    // See https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app
    public async Task<(IReadOnlyList<Installation> Installations, bool AreAll)> ListAsync(CancellationToken cancellation)
    {
        var installations = new List<Installation>();
        for (var page = 1; page <= MostPages; page++)
        {
            // Page by page, for a link could lead anywhere.
            var path = new Uri(string.Create(CultureInfo.InvariantCulture, $"app/installations?per_page={PageSize}&page={page}"), UriKind.Relative);
            var answer = await app.AskAsync("installations", owner: "", github => github.Get<List<Installation>>(path, parameters: null), UnreadableList, cancellation);

            // Octokit makes a list of one of anything else.
            if (((GitHubAnswer)answer.HttpResponse).Json.ValueKind != JsonValueKind.Array)
                throw new FailureException(UnreadableList);
            installations.AddRange(answer.Body);
            if (answer.Body.Count < PageSize)
                return (installations, true);
        }

        return (installations, false);
    }
}

/// <summary>The App as GitHub describes it. Octokit's own model knows some permissions only.</summary>
internal sealed class RegisteredApp
{
    public string Name { get => field is { Length: > 0 } name ? name : Slug; set; } = "";

    public string Slug { get; set; } = "";

    /// <summary>Where it can be installed.</summary>
    public string? HtmlUrl { get; set; }

    /// <summary>What it asks of those who install it: <c>read</c> or <c>write</c>, by GitHub's names.</summary>
    public Dictionary<string, string> Permissions { get; set => field = value ?? []; } = [];
}
