using System.Text.Json;
using System.Text.Unicode;

namespace TokenBroker.Authentication;

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
