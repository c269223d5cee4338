using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace TokenBroker.Authorization;

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
