using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace TokenBroker.Authentication;

/// <summary>
/// What a JWT claims before it is verified. It serves only to choose the issuer that verifies it, and to detect whatever two parsers
/// could understand differently.
/// </summary>
internal sealed class UnverifiedJwt
{
    private const int PartsOfSigned = 3;
    private const int PartsOfEncrypted = 5;
    private const string MediaTypeTree = "application/";

    // ID tokens and those of CI platforms and clouds, access tokens (RFC 9068), and the other type that JWT-SVIDs may have. Kubernetes and
    // Buildkite send none.
    private static readonly HashSet<string> BearerTypes = new(StringComparer.OrdinalIgnoreCase) { "JWT", "at+jwt", "JOSE" };

    // Excludes padding and white space, which some decoders skip.
    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
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

    /// <summary>The payload; empty if it cannot be parsed or is ambiguous.</summary>
    public JsonElement Claims { get; }

    /// <summary>The <c>iss</c>; null if it is missing or not a string.</summary>
    public string? Issuer { get; }

    /// <summary>Why the payload is ambiguous; null if it is not.</summary>
    public JsonException? Ambiguity { get; }

    /// <summary>The <c>alg</c>; null if it is missing or not a string.</summary>
    public string? Algorithm => TextOf(header, "alg"u8);

    /// <summary>The <c>kid</c>; null if it is missing or not a string.</summary>
    public string? KeyId => TextOf(header, "kid"u8);

    /// <summary>Whether the <c>kid</c> is a value that no key can have.</summary>
    public bool NamesNoKey =>
        header.TryGetProperty("kid"u8, out var kid) && kid.ValueKind is not (JsonValueKind.String or JsonValueKind.Null);

    /// <summary>Whether the header has an extension that is critical or changes what is signed; the library ignores both.</summary>
    // See https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11 and https://www.rfc-editor.org/rfc/rfc7797#section-3
    public bool ChangesMeaning => header.TryGetProperty("crit"u8, out _) || header.TryGetProperty("b64"u8, out _);

    /// <summary>The <c>typ</c>; null if it is missing or not a string.</summary>
    public string? Type => TextOf(header, "typ"u8);

    /// <summary>Whether the <c>typ</c> allows use as a bearer token. Any other <c>typ</c> is for another purpose.</summary>
    // See https://www.rfc-editor.org/rfc/rfc8725#section-3.11. Letter case and "application/" do not matter: RFC 7515, section 4.1.9.
    public bool IsForBearers =>
        !header.TryGetProperty("typ"u8, out var type)
        || type.ValueKind == JsonValueKind.Null
        || (Type is { } text && BearerTypes.Contains(WithoutTree(text)));

    /// <summary>Whether only the holder of a key may use the JWT. The broker cannot verify that key.</summary>
    // See https://www.rfc-editor.org/rfc/rfc7800#section-3.1
    public bool IsBoundToKey => Claims.TryGetProperty("cnf"u8, out _);

    /// <summary>The <c>aud</c>, empty if it is missing; null if it is neither a string nor a list of strings.</summary>
    public IReadOnlyList<string>? Audiences { get; }

    /// <summary>Whether the <c>aud</c> is or includes one of these.</summary>
    public bool IsFor(List<string> audiences) => Audiences?.Any(audiences.Contains) is true;

    /// <summary>Parses a JWT; null if it is not one.</summary>
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

            // The claims of an encrypted JWT cannot be read here.
            return count == PartsOfEncrypted
                ? new UnverifiedJwt(protectedHeader, Nothing, issuer: null)
                : Read(protectedHeader, Base64Url.DecodeFromChars(text.AsSpan(parts[1])));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The payload of a JWT that the library has parsed; throws <see cref="JsonException"/> if it is ambiguous.</summary>
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
            // The JWT is refused in any case, but operators still see which issuer it claims.
            var claims = StrictJson.ParseAmbiguous(payload);
            return claims.ValueKind == JsonValueKind.Object
                ? new UnverifiedJwt(protectedHeader, Nothing, LastIssuerOf(claims), exception)
                : null;
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

    private static string WithoutTree(string mediaType) =>
        mediaType.StartsWith(MediaTypeTree, StringComparison.OrdinalIgnoreCase) ? mediaType[MediaTypeTree.Length..] : mediaType;

    private static string? TextOf(JsonElement element, ReadOnlySpan<byte> name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Parses only JSON that every parser understands in the same way.</summary>
internal static class StrictJson
{
    // With a duplicate key, two parsers could see two different callers.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64 };

    /// <summary>Throws <see cref="JsonException"/> if the text is not JSON or is ambiguous.</summary>
    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var element = JsonElement.Parse(json, Strict);

            // JSON allows an unpaired surrogate, which is not valid text: reading it later would throw. Only an escape can produce one.
            if (!Utf8.IsValid(json))
                throw new InvalidOperationException("It is not valid UTF-8.");
            if (json.Contains((byte)'\\'))
                ReadStrings(element);
            return element;
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("It contains an invalid string.", exception);
        }
    }

    /// <summary>Parses ambiguous JSON too; reading its names and strings may throw <see cref="InvalidOperationException"/>.</summary>
    public static JsonElement ParseAmbiguous(ReadOnlySpan<byte> json) => JsonElement.Parse(json, Lenient);

    private static void ReadStrings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    ReadStrings(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    ReadStrings(item);
                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }
}
