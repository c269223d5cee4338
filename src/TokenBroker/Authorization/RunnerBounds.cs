using System.Text.Json;

namespace TokenBroker.Authorization;

/// <summary>The runners that a policy's callers may create, change or delete. What it does not name is not allowed.</summary>
/// <param name="Names">Patterns of names.</param>
/// <param name="Labels">Patterns of labels that a caller may choose.</param>
/// <param name="RequiredLabels">Labels that every runner has, whatever the caller chooses.</param>
/// <param name="GroupIds">Runner groups.</param>
/// <param name="WorkFolders">Patterns of work folders.</param>
internal sealed record RunnerBounds(
    IReadOnlyList<Pattern> Names,
    IReadOnlyList<Pattern> Labels,
    IReadOnlyList<string> RequiredLabels,
    IReadOnlyList<long> GroupIds,
    IReadOnlyList<Pattern> WorkFolders)
{
    private const string DefaultWorkFolder = "_work";
    private const long DefaultGroup = 1;

    /// <summary>Compiles validated options, but for the names, which <see cref="RunnerRules"/> has for each caller.</summary>
    internal static RunnerBounds Compile(RunnerBoundsOptions options) => new(
        [],
        Patterns(options.Labels),
        [.. options.RequiredLabels],
        options.GroupIds.Count > 0 ? [.. options.GroupIds] : [DefaultGroup],
        options.WorkFolders.Count > 0 ? Patterns(options.WorkFolders) : [new Pattern(DefaultWorkFolder)]);

    /// <summary>Whether a runner of this name is one of them.</summary>
    public bool AllowsName(string name) => Names.Any(pattern => pattern.Matches(name));

    /// <summary>Whether the caller may give a runner this label.</summary>
    public bool AllowsLabel(string label) => Requires(label) || Labels.Any(pattern => pattern.Matches(label));

    /// <summary>Whether the caller may take this label from a runner.</summary>
    public bool AllowsRemovalOf(string label) => !Requires(label) && Labels.Any(pattern => pattern.Matches(label));

    /// <summary>Whether the runner may be in this group.</summary>
    public bool AllowsGroup(long group) => GroupIds.Contains(group);

    /// <summary>Whether jobs may run in this folder. One outside of the runner's own must be named as it is: no <c>*</c> stands for it.</summary>
    public bool AllowsWorkFolder(string folder) => WorkFolders.Any(pattern =>
        IsRooted(folder) ? string.Equals(pattern.OnlyValue, folder, StringComparison.Ordinal) : pattern.Matches(folder));

    /// <summary>The labels and those that are required. GitHub compares labels without regard to case.</summary>
    public IReadOnlyList<string> WithRequired(IEnumerable<string> labels) => [.. labels.Concat(RequiredLabels).Distinct(StringComparer.OrdinalIgnoreCase)];

    // On the runner's system, which may be another than this one.
    private static bool IsRooted(string folder) => folder[0] is '/' or '\\' || folder.Contains(':', StringComparison.Ordinal);

    private bool Requires(string label) => RequiredLabels.Contains(label, StringComparer.OrdinalIgnoreCase);

    private static Pattern[] Patterns(List<string> texts) => [.. texts.Select(text => new Pattern(text))];
}

/// <summary>A policy's <c>Runners</c> block, in whose names the caller's own claims may stand.</summary>
/// <param name="Names">The names.</param>
/// <param name="Bounds">The rest, which is the same for every caller.</param>
internal sealed record RunnerRules(IReadOnlyList<ClaimTemplate> Names, RunnerBounds Bounds)
{
    /// <summary>Compiles validated options.</summary>
    public static RunnerRules Compile(RunnerBoundsOptions options) => new(
        [.. options.Names.Select(text => ClaimTemplate.TryParse(text, out var name)
            ? name
            : throw new InvalidOperationException($"The name '{text}' passed validation and does not compile."))],
        RunnerBounds.Compile(options));

    /// <summary>The bounds for one caller: a name for which it lacks a claim is none.</summary>
    public RunnerBounds For(JsonElement claims) => Bounds with
    {
        Names = [.. Names.Select(name => name.For(claims, IsFit)).OfType<string>().Select(text => new Pattern(text))],
    };

    /// <summary>Names with which a caller may have a runner that is another caller's.</summary>
    public IEnumerable<ClaimTemplate> Shared => Names.Where(name => name.MayMeetAnothers(IsFit));

    private static bool IsFit(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
}
