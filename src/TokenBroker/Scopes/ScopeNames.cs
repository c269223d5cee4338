namespace TokenBroker.Scopes;

/// <summary>
/// Which names are safe to send to GitHub. This is not today's sign-up rule: enterprise-managed users carry an underscore and
/// old logins have hyphens at the edges, so only what GitHub could never accept is refused.
/// </summary>
public static class ScopeNames
{
    /// <summary>The longest name of an owner, a repository or an enterprise.</summary>
    public const int MaximumLength = 100;

    /// <summary>Whether the name may be an owner, an organisation or an enterprise: 1 to 100 of <c>A-Z a-z 0-9 _ -</c>.</summary>
    public static bool IsAccount(string? name) =>
        name is { Length: >= 1 and <= MaximumLength } && name.All(IsAccountCharacter);

    /// <summary>Whether the name may be a repository: as an account, and dots, but not <c>.</c>, <c>..</c> or a name that ends in <c>.git</c>.</summary>
    public static bool IsRepository(string? name) =>
        name is { Length: >= 1 and <= MaximumLength } and not "." and not ".."
        && name.All(IsRepositoryCharacter)
        && !name.EndsWith(".git", StringComparison.OrdinalIgnoreCase);

    internal static bool IsAccountCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-';

    internal static bool IsRepositoryCharacter(char character) => IsAccountCharacter(character) || character == '.';
}
