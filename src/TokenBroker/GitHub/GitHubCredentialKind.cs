namespace TokenBroker.GitHub;

/// <summary>The kinds of credential that the broker shows to GitHub.</summary>
internal enum GitHubCredentialKind
{
    /// <summary>A JWT of the App itself.</summary>
    App,

    /// <summary>A token of one installation of the App.</summary>
    Installation,

    /// <summary>The enterprise token.</summary>
    Enterprise,
}
