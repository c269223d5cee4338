namespace TokenBroker.Authorization.Grants;

/// <summary>How often a policy gives one caller the same.</summary>
/// <param name="Count">How many grants, at most.</param>
/// <param name="Within">How long each of them counts.</param>
public sealed record GrantLimit(int Count, TimeSpan Within)
{
    /// <summary>The most grants that a policy can count.</summary>
    public const int Most = 100;

    /// <summary>The shortest time that a grant can count.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>The longest: for so long it is kept, and an operator's 24:00:00, which is 24 days to .NET, is beyond it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(14);

    /// <summary>Compiles validated options.</summary>
    public static GrantLimit Compile(GrantOptions options) => new(options.Count!.Value, options.Within!.Value);
}
