using System.Text.Json;

namespace TokenBroker.Authentication;

/// <summary>One configured issuer at work.</summary>
/// <param name="Name">Its name in the configuration, which policies use.</param>
/// <param name="Options">Its settings.</param>
/// <param name="Keys">Its keys.</param>
internal sealed record CallerIssuer(string Name, IssuerOptions Options, IssuerKeys Keys)
{
    private const string SchemePrefix = "issuer ";

    /// <summary>The claims that tell one caller from another.</summary>
    public IReadOnlyList<ClaimPointer> CallerId { get; } = Parse(Options.CallerId);

    /// <summary>The claims that audit events hold.</summary>
    public IReadOnlyList<ClaimPointer> AuditClaims { get; } = Parse(Options.AuditClaims);

    /// <summary>The name of its authentication scheme.</summary>
    public string Scheme => SchemeOf(Name);

    /// <summary>Who a JWT of this issuer says that its caller is.</summary>
    public CallerIdentity Identify(JsonElement claims) => CallerIdentity.Read(CallerId, claims);

    public static string SchemeOf(string name) => SchemePrefix + name;

    private static List<ClaimPointer> Parse(IEnumerable<string> pointers) =>
        [.. pointers.Select(text => ClaimPointer.TryParse(text, out var pointer) ? pointer : throw new FormatException(text))];
}
