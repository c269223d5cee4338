namespace TokenBroker.Authentication;

/// <summary>Section <c>Authentication</c>: who signs callers' JWTs.</summary>
public sealed class IssuerListOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Authentication";

    /// <summary>The issuers by name. At least one is required.</summary>
    public Dictionary<string, IssuerOptions> Issuers { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
