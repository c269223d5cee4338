using System.Text.Json;

namespace TokenBroker.Authorization;

/// <summary>The runners that a policy's callers may create, change or delete. Whatever it does not list is not allowed.</summary>
/// <param name="Names">Patterns of runner names.</param>
/// <param name="Labels">Patterns of labels that a caller may choose.</param>
/// <param name="RequiredLabels">Labels that every runner gets, whatever the caller chooses.</param>
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

    /// <summary>Compiles validated options, except for the names: <see cref="RunnerRules"/> makes them for each caller.</summary>
    internal static RunnerBounds Compile(RunnerBoundsOptions options) => new(
        [],
        Patterns(options.Labels),
        [.. options.RequiredLabels],
        options.GroupIds.Count > 0 ? [.. options.GroupIds] : [DefaultGroup],
        options.WorkFolders.Count > 0 ? Patterns(options.WorkFolders) : [new Pattern(DefaultWorkFolder)]);

    public bool AllowsName(string name) => Names.Any(pattern => pattern.Matches(name));

    public bool AllowsLabel(string label) => Requires(label) || Labels.Any(pattern => pattern.Matches(label));

    public bool AllowsRemovalOf(string label) => !Requires(label) && Labels.Any(pattern => pattern.Matches(label));

    public bool AllowsGroup(long group) => GroupIds.Contains(group);

    /// <summary>
    /// Whether jobs may run in this folder. A folder outside of the runner's own must be listed literally: no <c>*</c> matches it.
    /// </summary>
    public bool AllowsWorkFolder(string folder) => WorkFolders.Any(pattern =>
        IsRooted(folder) ? string.Equals(pattern.OnlyValue, folder, StringComparison.Ordinal) : pattern.Matches(folder));

    /// <summary>The labels and the required labels. GitHub compares labels case-insensitively.</summary>
    public IReadOnlyList<string> WithRequired(IEnumerable<string> labels) =>
        [.. labels.Concat(RequiredLabels).Distinct(StringComparer.OrdinalIgnoreCase)];

    // Rooted on the runner's operating system, which may differ from this one.
    private static bool IsRooted(string folder) => folder[0] is '/' or '\\' || folder.Contains(':', StringComparison.Ordinal);

    private bool Requires(string label) => RequiredLabels.Contains(label, StringComparer.OrdinalIgnoreCase);

    private static Pattern[] Patterns(List<string> texts) => [.. texts.Select(text => new Pattern(text))];
}

/// <summary>A policy's <c>Runners</c> block, whose names may contain the caller's own claims.</summary>
/// <param name="Names">The patterns of runner names.</param>
/// <param name="Bounds">The rest, which is the same for every caller.</param>
internal sealed record RunnerRules(IReadOnlyList<ClaimTemplate> Names, RunnerBounds Bounds)
{
    /// <summary>Compiles validated options.</summary>
    public static RunnerRules Compile(RunnerBoundsOptions options) => new(
        [.. options.Names.Select(text => ClaimTemplate.TryParse(text, out var name)
            ? name
            : throw new InvalidOperationException($"The name '{text}' passed validation but does not compile."))],
        RunnerBounds.Compile(options));

    /// <summary>The bounds for one caller. Names that contain a claim which the caller lacks are left out.</summary>
    public RunnerBounds For(JsonElement claims) => Bounds with
    {
        Names = [.. Names.Select(name => name.For(claims, IsFit)).OfType<string>().Select(text => new Pattern(text))],
    };

    /// <summary>Names that may also match another caller's runners.</summary>
    public IEnumerable<ClaimTemplate> Shared => Names.Where(name => name.MayMatchOthers(IsFit));

    private static bool IsFit(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
}
