using System.Globalization;
using System.Text.Json;

namespace TokenBroker.Authentication;

/// <summary>
/// The location of a claim in a JWT's payload: a JSON Pointer (RFC 6901), or the plain name of a top-level claim. Two pointers are equal
/// if they lead to the same claim.
/// </summary>
public sealed class ClaimPointer : IEquatable<ClaimPointer>
{
    private readonly string[] segments;
    private readonly int hash;

    private ClaimPointer(string text, string[] segments)
    {
        Text = text;
        this.segments = segments;
        foreach (var segment in segments)
            hash = HashCode.Combine(hash, segment);
    }

    /// <summary>The pointer as written.</summary>
    public string Text { get; }

    /// <summary>The keys of objects and the indexes of arrays, from the root to the claim.</summary>
    internal IReadOnlyList<string> Segments => segments;

    /// <summary>Parses a pointer; false if it is empty or has an escape that RFC 6901 does not define.</summary>
    public static bool TryParse(string? text, out ClaimPointer parsed)
    {
        parsed = null!;
        if (string.IsNullOrEmpty(text))
            return false;
        if (text[0] != '/')
        {
            parsed = new ClaimPointer(text, [text]);
            return true;
        }

        var parts = text[1..].Split('/');
        for (var index = 0; index < parts.Length; index++)
        {
            var segment = parts[index];
            var withoutEscapes = segment.Replace("~0", "", StringComparison.Ordinal).Replace("~1", "", StringComparison.Ordinal);
            if (withoutEscapes.Contains('~', StringComparison.Ordinal))
                return false;
            parts[index] = segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        parsed = new ClaimPointer(text, parts);
        return true;
    }

    /// <summary>
    /// What is wrong with a pointer in the configuration; null if nothing is. A plain name with a slash or a dot is usually a mistyped
    /// pointer. It would never match, and a rule that denies by it would deny no caller. To name such a claim, write a pointer.
    /// </summary>
    public static string? FindFault(string? text)
    {
        if (!TryParse(text, out _))
            return "must be a JSON Pointer (RFC 6901) such as /a/b, or the name of a top-level claim.";
        if (text![0] == '/' || text.IndexOfAny(['/', '.']) < 0)
            return null;
        var inside = text.Contains('/', StringComparison.Ordinal) ? text : text.Replace('.', '/');
        var named = text.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        return $"'{text}' may never match: write '/{inside}' for a nested claim, or '/{named}' for a top-level claim with this name.";
    }

    /// <summary>Finds the claim; null if the payload lacks it.</summary>
    public JsonElement? Find(JsonElement payload)
    {
        var current = payload;
        foreach (var segment in segments)
        {
            if (current.ValueKind == JsonValueKind.Object && current.TryGetProperty(segment, out var member))
                current = member;
            else if (current.ValueKind == JsonValueKind.Array && IsIndex(segment, out var index) && index < current.GetArrayLength())
                current = current[index];
            else
                return null;
        }

        return current;
    }

    /// <inheritdoc/>
    public bool Equals(ClaimPointer? other) =>
        ReferenceEquals(this, other) || (other is not null && hash == other.hash && segments.AsSpan().SequenceEqual(other.segments));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClaimPointer);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static bool IsIndex(string segment, out int index) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out index) && (segment.Length == 1 || segment[0] != '0');
}
