using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>Names and levels of the permissions that runner endpoints ask for.</summary>
public static class SandboxPermissions
{
    /// <summary>What repository runner endpoints need.</summary>
    public const string Administration = "administration";

    /// <summary>What organization runner endpoints need.</summary>
    public const string OrganizationSelfHostedRunners = "organization_self_hosted_runners";

    /// <summary>The usual permissions of an App for runners.</summary>
    public static ImmutableSortedDictionary<string, string> Usual { get; } = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            KeyValuePair.Create(Administration, "write"),
            KeyValuePair.Create("metadata", "read"),
            KeyValuePair.Create(OrganizationSelfHostedRunners, "write"),
        ]);

    /// <summary>Whether <paramref name="granted"/> holds <paramref name="name"/> at <paramref name="level"/> or above.</summary>
    internal static bool Allow(this IReadOnlyDictionary<string, string> granted, string name, string level) =>
        granted.TryGetValue(name, out var held) && Rank(level) > 0 && Rank(held) >= Rank(level);

    private static int Rank(string level) => level switch
    {
        "read" => 1,
        "write" => 2,
        "admin" => 3,
        _ => 0,
    };
}
