using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>The words by which GitHub's 403 is said of a scope, and not of the one request that it answers.</summary>
// See https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
internal static class ScopeWords
{
    private static readonly string[] Phrases =
    [
        "not accessible by", "permission", "admin rights", "suspended", "IP allow list", "single sign-on", "disabled", "archived",
    ];

    private static readonly string[] Acronyms = ["SAML", "SSO"];

    /// <summary>Whether one of them stands in the answer, and not only because the caller wrote it into its request.</summary>
    public static bool AreIn(GitHubAnswer answer, GitHubCall call, Scope scope)
    {
        var sent = Uri.UnescapeDataString(call.Path[scope.Path.Length..]) + call.Body;
        return Phrases.Any(phrase => IsSaid(phrase, StringComparison.OrdinalIgnoreCase)) || Acronyms.Any(acronym => IsSaid(acronym, StringComparison.Ordinal));

        bool IsSaid(string words, StringComparison comparison) => answer.Message.Contains(words, comparison) && !sent.Contains(words, comparison);
    }

    /// <summary>Whether GitHub says that the token may not do this, which it also says of a token that it does not know everywhere yet.</summary>
    public static bool AreOfToken(GitHubAnswer answer) => answer.Message.StartsWith("Resource not accessible by", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether GitHub says that the installation is suspended.</summary>
    public static bool AreOfSuspension(GitHubAnswer answer) => answer.Message.StartsWith("This installation has been suspended", StringComparison.OrdinalIgnoreCase);
}
