using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TokenBroker.Caching;

namespace TokenBroker.Auditing;

/// <summary>
/// An event as a line of JSON. The default encoder escapes everything but plain ASCII, so that no text can end a line, hide in it or
/// read differently than it is written.
/// </summary>
internal static class AuditLine
{
    public static string Of(AuditEvent happened)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in happened.Members())
                Write(writer, name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>A claim's value: a long text is cut, an object or array becomes the text of its JSON.</summary>
    public static object? ValueOf(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String => AuditText.Cut(claim.GetString()),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,

        // A number may have any number of digits.
        JsonValueKind.Number when claim.GetRawText() is { Length: <= 40 } => claim,
        _ => AuditText.Cut(claim.GetRawText()),
    };

    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        writer.WritePropertyName(name);
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case TokenHash hash:
                // Base64 made here: not escaped, so that it can be searched for.
                writer.WriteStringValue(JsonEncodedText.Encode(hash.Base64, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case JsonElement number:
                number.WriteTo(writer);
                break;
            case IReadOnlyList<string> texts:
                writer.WriteStartArray();
                foreach (var text in texts)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
                break;
            case Dictionary<string, JsonElement> claims:
                writer.WriteStartObject();
                foreach (var (pointer, claim) in claims)
                    Write(writer, pointer, ValueOf(claim));
                writer.WriteEndObject();
                break;
            default:
                throw new InvalidOperationException($"'{name}' has a type that an audit line cannot hold.");
        }
    }
}
