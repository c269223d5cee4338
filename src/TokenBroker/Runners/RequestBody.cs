using System.Text.Json;

namespace TokenBroker.Runners;

/// <summary>The JSON object that a request brings, whatever content type it claims; none is an empty one.</summary>
internal sealed class RequestBody
{
    // Two members of one name would let the policy look at one and GitHub at the other.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonElement Empty = JsonElement.Parse("{}"u8);

    private readonly JsonElement? root;

    private RequestBody(JsonElement? root) => this.root = root;

    /// <summary>Whether it begins with a byte order mark, as some editors and shells write one: it is no JSON then.</summary>
    public bool HasByteOrderMark { get; private init; }

    /// <summary>Whether it is a JSON object at all.</summary>
    public bool IsObject => root is not null;

    /// <summary>Reads a request's body, which the pipeline has bounded.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        if (buffer.Length == 0)
            return new RequestBody(Empty);
        if (buffer.GetBuffer().AsSpan(0, (int)buffer.Length) is [0xEF, 0xBB, 0xBF, ..] or [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            return new RequestBody(root: null) { HasByteOrderMark = true };
        try
        {
            var parsed = JsonElement.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), Strict);
            return new RequestBody(parsed.ValueKind == JsonValueKind.Object ? parsed : null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter for a member whose name is half a surrogate pair.
            return new RequestBody(root: null);
        }
    }

    /// <summary>A member that should be a text.</summary>
    public BodyField<string> Text(string name) => Read(name, TextOf);

    /// <summary>A member that should be a whole number.</summary>
    public BodyField<long?> Number(string name) =>
        Read<long?>(name, value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null);

    /// <summary>A member that should be a list of texts.</summary>
    public BodyField<IReadOnlyList<string>> Texts(string name) => Read(name, value =>
    {
        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(TextOf).ToList() : null;
        return texts is null || texts.Contains(null) ? null : (IReadOnlyList<string>)texts!;
    });

    private BodyField<T> Read<T>(string name, Func<JsonElement, T?> read) =>
        root is { } body && body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new BodyField<T>(IsGiven: true, read(value))
            : new BodyField<T>(IsGiven: false, default);

    // Half a surrogate pair is valid JSON and no text.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
