using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>A claim of a public issuer that says whose a JWT is, if a policy's patterns of it leave that part open to nobody.</summary>
/// <param name="Name">The claim, as a pointer or by its name.</param>
/// <param name="Form">Where in the claim its owner stands; null where the whole claim is the owner.</param>
/// <param name="NamesOwner">Whether a pattern has that part in letters: a <c>*</c> there would be anyone.</param>
internal sealed record OwnerClaim(string Name, string? Form, Func<string, bool> NamesOwner)
{
    // Google's own domain for the service accounts of one project, whose name stands before it.
    private const string ServiceAccounts = ".iam.gserviceaccount.com";

    private const char Any = '*';

    /// <summary>A claim whose every value is one owner's, or one's own.</summary>
    public static OwnerClaim Whole(string name) => new(name, Form: null, IsLiteral);

    /// <summary>A claim that begins with its owner.</summary>
    /// <param name="name">The claim.</param>
    /// <param name="forms">What it may look like: what stands before <c>OWNER</c>, and the character after it.</param>
    public static OwnerClaim Beginning(string name, params string[] forms) => new(name, forms[0] + "…", pattern => forms.Any(form => HasLiteralOwner(pattern, form)));

    /// <summary>An address: somebody's, or any of one Google Cloud project. Addresses of other domains are anyone's who has one, or had.</summary>
    public static OwnerClaim Email(string name) => new(name, Form: null, pattern => IsLiteral(pattern) || IsServiceAccount(pattern));

    /// <summary>The claim of a policy.</summary>
    public bool IsAt(ClaimPointer claim) => ClaimPointer.TryParse(Name, out var own) && own.Equals(claim);

    /// <inheritdoc/>
    public override string ToString() => Form is null ? Name : $"{Name} ({Form})";

    private static bool HasLiteralOwner(string pattern, string form)
    {
        var beginning = form[..form.IndexOf("OWNER", StringComparison.Ordinal)];
        if (!pattern.StartsWith(beginning, StringComparison.Ordinal))
            return false;
        var rest = pattern[beginning.Length..];
        return IsLiteral(rest.IndexOf(form[^1], StringComparison.Ordinal) is >= 0 and var end ? rest[..end] : rest);
    }

    private static bool IsServiceAccount(string pattern)
    {
        var domain = pattern[(pattern.LastIndexOf('@') + 1)..];
        return domain.Length < pattern.Length && domain.Length > ServiceAccounts.Length && domain.EndsWith(ServiceAccounts, StringComparison.Ordinal) && IsLiteral(domain);
    }

    private static bool IsLiteral(string text) => text.Length > 0 && !text.Contains(Any, StringComparison.Ordinal);
}
