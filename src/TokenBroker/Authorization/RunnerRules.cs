using System.Text.Json;

namespace TokenBroker.Authorization;

/// <summary>A policy's <c>Runners</c> block, in whose names the caller's own claims may stand.</summary>
/// <param name="Names">The names.</param>
/// <param name="Bounds">The rest, which is the same for every caller.</param>
public sealed record RunnerRules(IReadOnlyList<ClaimTemplate> Names, RunnerBounds Bounds)
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
