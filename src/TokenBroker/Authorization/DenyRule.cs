using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.RegularExpressions;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>What one claim must not be. In doubt it denies: its <c>*</c> stands for <c>/</c> too, and what no pattern can be compared with is denied.</summary>
public sealed record DenyRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    private readonly string[] numbers = [.. Matches.Select(pattern => NumberText.Normalize(pattern.Text)).OfType<string>()];

    /// <summary>Whether the caller's value, or one element of it, matches, or cannot be compared.</summary>
    public bool Denies(CallerClaims caller)
    {
        var found = caller.DeniableAt(Claim);
        return found.IsInDoubt || Pattern.AnyMatches(Matches, found.Texts) || found.Numbers.Any(numbers.Contains);
    }

    /// <summary>Whether the caller's JWT says nothing there, so that the rule can deny nothing.</summary>
    public bool LacksClaim(CallerClaims caller) => caller.DeniableAt(Claim).IsMissing;
}

/// <summary>
/// What a deny rule finds of a claim. Where its pointer meets an array, each object in it is looked into; what cannot be looked into or compared
/// leaves a doubt: a scalar before the pointer's end, an array in an array, an object at the end.
/// </summary>
/// <param name="Texts">The texts of strings and booleans, and of numbers as they were written.</param>
/// <param name="Numbers">The numbers among them, so written that equal ones are equal texts.</param>
/// <param name="IsInDoubt">Whether there is something that cannot be looked into or compared.</param>
/// <param name="IsMissing">Whether the JWT says nothing there: a null says nothing.</param>
internal sealed record DeniableClaim(IReadOnlyList<string> Texts, IReadOnlyList<string> Numbers, bool IsInDoubt, bool IsMissing)
{
    /// <summary>Looks for a claim in a JWT's payload.</summary>
    public static DeniableClaim Find(ClaimPointer claim, JsonElement payload)
    {
        var search = new Search(claim.Segments);
        search.LookInto(payload, depth: 0);
        return new([.. search.Texts], [.. search.Numbers], search.IsInDoubt, search.IsMissing);
    }

    private sealed class Search(IReadOnlyList<string> segments)
    {
        public HashSet<string> Texts { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Numbers { get; } = new(StringComparer.Ordinal);

        public bool IsInDoubt { get; private set; }

        public bool IsMissing { get; private set; } = true;

        public void LookInto(JsonElement element, int depth)
        {
            if (depth == segments.Count)
                ReadEnd(element);
            else if (element.ValueKind == JsonValueKind.Object)
                LookIntoMember(element, depth);
            else if (element.ValueKind == JsonValueKind.Array)
                LookIntoArray(element, depth);
            else if (element.ValueKind != JsonValueKind.Null)
                Doubt();
        }

        private void LookIntoMember(JsonElement element, int depth)
        {
            if (element.TryGetProperty(segments[depth], out var member))
                LookInto(member, depth + 1);
        }

        // A number may be the place of an element, or a name in each.
        private void LookIntoArray(JsonElement array, int depth)
        {
            var isPlace = ClaimPointer.IsIndex(segments[depth], out var place);
            if (isPlace && place < array.GetArrayLength())
                LookInto(array[place], depth + 1);
            foreach (var element in array.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.Object)
                    LookIntoMember(element, depth);
                else if (!isPlace && element.ValueKind != JsonValueKind.Null)
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

            // An empty array is there, and has nothing to deny.
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

/// <summary>JSON numbers, compared by what they are worth however they are written, without rounding.</summary>
internal static partial class NumberText
{
    /// <summary>The one text that all numbers of the same value have: their digits without zeros at either end, and a power of ten; null for what is no JSON number.</summary>
    public static string? Normalize(string text)
    {
        if (Form().Match(text) is not { Success: true } number)
            return null;
        var fraction = number.Groups["fraction"].Value;
        var digits = (number.Groups["whole"].Value + fraction).TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0)
            return "0";

        // An exponent may be longer than any machine's number.
        var written = number.Groups["exponent"].Value;
        var exponent = written.Length == 0 ? BigInteger.Zero : BigInteger.Parse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var power = exponent - fraction.Length + digits.Length - significant.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{number.Groups["sign"].Value}{significant}e{power}");
    }

    [GeneratedRegex(@"\A(?<sign>-?)(?<whole>0|[1-9][0-9]*)(\.(?<fraction>[0-9]+))?([eE](?<exponent>[+-]?[0-9]+))?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}

/// <summary>
/// Tells once of each deny rule that a JWT met its policy without the claim that the rule looks at. The claim may be one that not every
/// JWT has, or one that is misspelt: then the rule denies nobody.
/// </summary>
internal sealed partial class MissingDenyClaims(ILogger<MissingDenyClaims> logger)
{
    // Policies change while the broker runs, so there may be more than there ever are at once.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Policy, ClaimPointer Claim), bool> told = new();

    /// <summary>Looks at the policies that a caller meets.</summary>
    public void Look(IReadOnlyList<Policy> met, CallerClaims caller)
    {
        foreach (var policy in met)
        {
            foreach (var rule in policy.DenyClaims)
            {
                if (rule.LacksClaim(caller) && !told.ContainsKey((policy.Name, rule.Claim)) && told.Count < Most && told.TryAdd((policy.Name, rule.Claim), true))
                    Log.Missing(logger, $"{PolicyListOptions.Section}:Policies:{policy.Name}:DenyClaims", rule.Claim, caller.Issuer);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Claim} is missing from a JWT of issuer {Issuer} that meets the policy, so the rule denies it nothing; is the claim spelt right?")]
        public static partial void Missing(ILogger logger, string key, ClaimPointer claim, string issuer);
    }
}
