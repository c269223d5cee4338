using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// What one claim must not be. When in doubt, it denies: its <c>*</c> also matches <c>/</c>, and a value that cannot be compared with a
/// pattern is denied.
/// </summary>
internal sealed record DenyRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    private readonly string[] numbers = [.. Matches.Select(pattern => NumberText.Normalize(pattern.Text)).OfType<string>()];

    /// <summary>Whether the caller's value, or one of its elements, matches or cannot be compared.</summary>
    public bool Denies(CallerClaims caller)
    {
        var found = caller.DeniableAt(Claim);
        return found.IsInDoubt || Pattern.AnyMatches(Matches, found.Texts) || found.Numbers.Any(numbers.Contains);
    }

    /// <summary>Whether the caller's JWT lacks the claim, so that the rule cannot deny it.</summary>
    public bool LacksClaim(CallerClaims caller) => caller.DeniableAt(Claim).IsMissing;
}

/// <summary>
/// A claim as deny rules see it. Where the claim's pointer meets an array, every object in the array is searched. A value that cannot be
/// searched or compared leaves a doubt: a scalar before the pointer's end, an array within an array, an object at the end.
/// </summary>
/// <param name="Texts">Strings, booleans, and numbers as the JWT writes them.</param>
/// <param name="Numbers">The numbers in normal form: equal numbers have equal texts.</param>
/// <param name="IsInDoubt">Whether some value cannot be searched or compared.</param>
/// <param name="IsMissing">Whether the JWT lacks the claim, or has only null there.</param>
internal sealed record DeniableClaim(IReadOnlyList<string> Texts, IReadOnlyList<string> Numbers, bool IsInDoubt, bool IsMissing)
{
    public static DeniableClaim Read(ClaimPointer claim, JsonElement payload)
    {
        var search = new Search(claim.Segments);
        search.SearchValue(payload, depth: 0);
        return new([.. search.Texts], [.. search.Numbers], search.IsInDoubt, search.IsMissing);
    }

    private sealed class Search(IReadOnlyList<string> segments)
    {
        public HashSet<string> Texts { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Numbers { get; } = new(StringComparer.Ordinal);

        public bool IsInDoubt { get; private set; }

        public bool IsMissing { get; private set; } = true;

        public void SearchValue(JsonElement element, int depth)
        {
            if (depth == segments.Count)
                ReadEnd(element);
            else if (element.ValueKind == JsonValueKind.Object)
                SearchMember(element, depth);
            else if (element.ValueKind == JsonValueKind.Array)
                SearchArray(element, depth);
            else if (element.ValueKind != JsonValueKind.Null)
                Doubt();
        }

        private void SearchMember(JsonElement element, int depth)
        {
            if (element.TryGetProperty(segments[depth], out var member))
                SearchValue(member, depth + 1);
        }

        // A number may be an element's index, or the name of a member in every element.
        private void SearchArray(JsonElement array, int depth)
        {
            var isIndex = ClaimPointer.IsIndex(segments[depth], out var index);
            if (isIndex && index < array.GetArrayLength())
                SearchValue(array[index], depth + 1);
            foreach (var element in array.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.Object)
                    SearchMember(element, depth);
                else if (!isIndex && element.ValueKind != JsonValueKind.Null)
                    Doubt();
            }
        }

        private void ReadEnd(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                Read(value);
                return;
            }

            // An empty array is present, with nothing to deny.
            IsMissing = false;
            foreach (var element in value.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.Array)
                    Doubt();
                else
                    Read(element);
            }
        }

        private void Read(JsonElement value)
        {
            IsMissing &= value.ValueKind == JsonValueKind.Null;
            if (value.ValueKind == JsonValueKind.Object)
                Doubt();
            else if (CallerClaims.TextOf(value) is { } text)
                Texts.Add(text);
            if (value.ValueKind == JsonValueKind.Number && NumberText.Normalize(value.GetRawText()) is { } number)
                Numbers.Add(number);
        }

        private void Doubt()
        {
            IsInDoubt = true;
            IsMissing = false;
        }
    }
}

/// <summary>Compares JSON numbers by value, however they are written, and without rounding.</summary>
internal static partial class NumberText
{
    /// <summary>
    /// The normal form, which all numbers of the same value share: the digits without zeros at either end, and a power of ten. Null if the
    /// text is not a JSON number.
    /// </summary>
    public static string? Normalize(string text)
    {
        if (Form().Match(text) is not { Success: true } number)
            return null;
        var fraction = number.Groups["fraction"].Value;
        var digits = (number.Groups["whole"].Value + fraction).TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
            return "0";

        // An exponent may exceed every machine integer.
        var written = number.Groups["exponent"].Value;
        var exponent = written.Length == 0
            ? BigInteger.Zero
            : BigInteger.Parse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var power = exponent - fraction.Length + digits.Length - significant.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{number.Groups["sign"].Value}{significant}e{power}");
    }

    [GeneratedRegex(
        @"\A(?<sign>-?)(?<whole>0|[1-9][0-9]*)(\.(?<fraction>[0-9]+))?([eE](?<exponent>[+-]?[0-9]+))?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}

/// <summary>
/// Warns, once per deny rule, of a JWT that meets the rule's policy but lacks the rule's claim. Perhaps not every JWT has the claim;
/// perhaps its name is misspelled, and the rule denies no one.
/// </summary>
internal sealed partial class MissingDenyClaims(ILogger<MissingDenyClaims> logger)
{
    // Policies change while the broker runs, so over time there may be any number of rules.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Policy, ClaimPointer Claim), bool> warned = new();

    public void Warn(IReadOnlyList<Policy> met, CallerClaims caller)
    {
        foreach (var policy in met)
        {
            foreach (var rule in policy.DenyClaims)
            {
                if (rule.LacksClaim(caller) && IsNew((policy.Name, rule.Claim)))
                    Log.Missing(logger, $"{PolicyListOptions.Section}:Policies:{policy.Name}:DenyClaims", rule.Claim, caller.Issuer);
            }
        }
    }

    private bool IsNew((string Policy, ClaimPointer Claim) rule) =>
        !warned.ContainsKey(rule) && warned.Count < Most && warned.TryAdd(rule, true);

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Warning,
            "{Key}: {Claim} is missing from a JWT of issuer {Issuer} that meets the policy, so the rule cannot deny it; "
            + "is the claim's name spelled correctly?")]
        public static partial void Missing(ILogger logger, string key, ClaimPointer claim, string issuer);
    }
}
