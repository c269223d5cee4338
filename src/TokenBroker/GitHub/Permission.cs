using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>The one permission of the App that an operation on a scope needs.</summary>
/// <param name="Name">GitHub's name of it.</param>
/// <param name="Access"><c>read</c> or <c>write</c>.</param>
// See https://docs.github.com/rest/authentication/permissions-required-for-github-apps
internal sealed record Permission(string Name, string Access)
{
    private const string Read = "read";
    private const string Write = "write";

    /// <summary>What looking at a scope's runners needs.</summary>
    public static Permission ToRead(Scope scope) => Of(scope.Kind, writes: false);

    /// <summary>What changing a scope's runners, or getting a token for them, needs.</summary>
    public static Permission ToWrite(Scope scope) => Of(scope.Kind, writes: true);

    /// <summary>What looking at, or changing, the runners of such a scope needs.</summary>
    public static Permission Of(ScopeKind kind, bool writes) =>
        new(kind == ScopeKind.Repository ? "administration" : "organization_self_hosted_runners", writes ? Write : Read);

    /// <summary>Whether what was granted includes it.</summary>
    public bool IsGrantedBy(string? granted) => granted == Write || granted == Access;

    public override string ToString() => $"{Name}: {Access}";
}
