using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace TokenBroker.Authentication;

/// <summary>
/// A JWT as it describes itself. Nothing of this is verified: it only chooses who verifies, and shows what two readers could take for two
/// different things.
/// </summary>
internal sealed class UnverifiedJwt
{
    private const int PartsOfSigned = 3;
    private const int PartsOfEncrypted = 5;
    private const string MediaTypeTree = "application/";

    // ID tokens and what CI platforms and clouds sign, access tokens (RFC 9068), and the other type that JWT-SVIDs may have. Kubernetes and Buildkite send none.
    private static readonly HashSet<string> BearerTypes = new(StringComparer.OrdinalIgnoreCase) { "JWT", "at+jwt", "JOSE" };

    // Padding and white space are for no decoder to skip.
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    private readonly JsonElement header;

    private UnverifiedJwt(JsonElement header, JsonElement claims, string? issuer, JsonException? ambiguity = null)
    {
        this.header = header;
        Claims = claims;
        Audiences = AudiencesOf(claims);
        Issuer = issuer;
        Ambiguity = ambiguity;
    }

    /// <summary>The payload; empty where it cannot be read, or in more than one way.</summary>
    public JsonElement Claims { get; }

    /// <summary>The <c>iss</c>; null if there is none or it is no text.</summary>
    public string? Issuer { get; }

    /// <summary>Why the payload can be understood in more than one way; null if it cannot.</summary>
    public JsonException? Ambiguity { get; }

    /// <summary>The <c>alg</c>; null if there is none or it is no text.</summary>
    public string? Algorithm => TextOf(header, "alg"u8);

    /// <summary>The <c>kid</c>; null if there is none or it is no text.</summary>
    public string? KeyId => TextOf(header, "kid"u8);

    /// <summary>Whether the <c>kid</c> is one that no key can have.</summary>
    public bool NamesNoKey => header.TryGetProperty("kid"u8, out var kid) && kid.ValueKind is not (JsonValueKind.String or JsonValueKind.Null);

    /// <summary>Whether the header says something that must be understood and is not; the library ignores it. So it does with one that changes what is signed.</summary>
    // See https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11 and https://www.rfc-editor.org/rfc/rfc7797#section-3
    public bool ChangesMeaning => header.TryGetProperty("crit"u8, out _) || header.TryGetProperty("b64"u8, out _);

    /// <summary>The <c>typ</c>; null if there is none or it is no text.</summary>
    public string? Type => TextOf(header, "typ"u8);

    /// <summary>Whether its <c>typ</c> leaves it a JWT to be shown by whoever holds it. One that names any other purpose is signed for that purpose.</summary>
    // See https://www.rfc-editor.org/rfc/rfc8725#section-3.11; a media type's case and its "application/" mean nothing, RFC 7515, section 4.1.9.
    public bool IsForBearers => !header.TryGetProperty("typ"u8, out var type) || type.ValueKind == JsonValueKind.Null || (Type is { } text && BearerTypes.Contains(WithoutTree(text)));

    /// <summary>Whether only the holder of a key may show it, whose proof nobody asks for here.</summary>
    // See https://www.rfc-editor.org/rfc/rfc7800#section-3.1
    public bool IsBoundToKey => Claims.TryGetProperty("cnf"u8, out _);

    /// <summary>The <c>aud</c>, empty where there is none; null where it is neither a text nor a list of texts.</summary>
    public IReadOnlyList<string>? Audiences { get; }

    /// <summary>Whether the <c>aud</c> is one of these, or has one of them.</summary>
    public bool IsFor(List<string> audiences) => Audiences?.Any(audiences.Contains) is true;

    /// <summary>Reads a text; null if it is no JWT.</summary>
    public static UnverifiedJwt? Read(string text)
    {
        Span<Range> parts = stackalloc Range[PartsOfEncrypted + 1];
        var count = text.AsSpan().Split(parts, '.');
        if (count is not (PartsOfSigned or PartsOfEncrypted) || text.AsSpan().ContainsAnyExcept(Letters))
            return null;
        try
        {
            var protectedHeader = StrictJson.Parse(Base64Url.DecodeFromChars(text.AsSpan(parts[0])));
            if (protectedHeader.ValueKind != JsonValueKind.Object)
                return null;

            // Nobody here can read an encrypted one: it claims nothing.
            return count == PartsOfEncrypted ? new UnverifiedJwt(protectedHeader, Nothing, issuer: null) : Read(protectedHeader, Base64Url.DecodeFromChars(text.AsSpan(parts[1])));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The payload of a JWT that the library has read; throws <see cref="JsonException"/> if it can be understood in more than one way.</summary>
    public static JsonElement ClaimsOf(string jwt) =>
        StrictJson.Parse(Base64Url.DecodeFromChars(jwt.AsSpan()[(jwt.IndexOf('.', StringComparison.Ordinal) + 1)..jwt.LastIndexOf('.')]));

    private static UnverifiedJwt? Read(JsonElement protectedHeader, byte[] payload)
    {
        try
        {
            var claims = StrictJson.Parse(payload);
            return claims.ValueKind switch
            {
                JsonValueKind.Object => new UnverifiedJwt(protectedHeader, claims, TextOf(claims, "iss"u8)),
                JsonValueKind.Null => new UnverifiedJwt(protectedHeader, Nothing, issuer: null),
                _ => null,
            };
        }
        catch (JsonException exception)
        {
            // It is refused in any case; operators still see whose it says it is.
            var claims = StrictJson.ParseAmbiguous(payload);
            return claims.ValueKind == JsonValueKind.Object ? new UnverifiedJwt(protectedHeader, Nothing, LastIssuerOf(claims), exception) : null;
        }
    }

    private static string? LastIssuerOf(JsonElement claims)
    {
        JsonElement last = default;
        foreach (var member in claims.EnumerateObject())
        {
            if (JsonMarshal.GetRawUtf8PropertyName(member).SequenceEqual("iss"u8))
                last = member.Value;
        }

        try
        {
            return last.ValueKind == JsonValueKind.String ? last.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static List<string>? AudiencesOf(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud"u8, out var audience))
            return [];
        if (audience.ValueKind == JsonValueKind.String)
            return [audience.GetString()!];
        if (audience.ValueKind != JsonValueKind.Array)
            return null;
        var texts = new List<string>(audience.GetArrayLength());
        foreach (var item in audience.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
                return null;
            texts.Add(item.GetString()!);
        }

        return texts;
    }

    private static string WithoutTree(string mediaType) => mediaType.StartsWith(MediaTypeTree, StringComparison.OrdinalIgnoreCase) ? mediaType[MediaTypeTree.Length..] : mediaType;

    private static string? TextOf(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Reads JSON that every reader understands in the same way.</summary>
internal static class StrictJson
{
    // Two members of one name would let two readers see two callers.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64 };

    /// <summary>Throws <see cref="JsonException"/> if it is no JSON, or can be understood in more than one way.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var element = JsonElement.Parse(json, Strict);

            // Half a surrogate pair is valid JSON and no text: reading it later would throw. Only an escape can make one.
            if (!Utf8.IsValid(json))
                throw new InvalidOperationException("It is no UTF-8.");
            if (json.Contains((byte)'\\'))
                ReadTexts(element);
            return element;
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("It holds a text that is none.", exception);
        }
    }

    /// <summary>Takes what is ambiguous too; names and texts of it may throw <see cref="InvalidOperationException"/> when they are read.</summary>
    public static JsonElement ParseAmbiguous(ReadOnlySpan<byte> json) => JsonElement.Parse(json, Lenient);

    private static void ReadTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    ReadTexts(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    ReadTexts(item);
                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }
}
