namespace TokenBroker.Authorization;

/// <summary>Section <c>Authorization</c>: who may do what. Nothing is allowed that no policy allows.</summary>
public sealed class PolicyListOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Authorization";

    /// <summary>The policies by name. At least one is required.</summary>
    public Dictionary<string, PolicyOptions> Policies { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
