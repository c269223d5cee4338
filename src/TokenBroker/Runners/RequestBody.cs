using System.Text.Json;

namespace TokenBroker.Runners;

/// <summary>The JSON object in a request's body, whatever its content type claims. No body counts as an empty object.</summary>
internal sealed class RequestBody
{
    // With duplicate keys the policy could look at one and GitHub at the other.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonElement Empty = JsonElement.Parse("{}"u8);

    private readonly JsonElement? root;

    private RequestBody(JsonElement? root) => this.root = root;

    /// <summary>Whether it begins with a byte order mark, which some editors and shells write, and which is not valid JSON.</summary>
    public bool HasByteOrderMark { get; private init; }

    public bool IsObject => root is not null;

    /// <summary>Reads a body. <see cref="RequestShape"/> has bounded it.</summary>
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
            // The latter is for a key that holds an unpaired surrogate.
            return new RequestBody(root: null);
        }
    }

    /// <summary>Reads a string.</summary>
    public BodyField<string> Text(string name) => Read(name, TextOf);

    /// <summary>Reads a whole number.</summary>
    public BodyField<long?> Number(string name) =>
        Read<long?>(name, value => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null);

    /// <summary>Reads an array of strings.</summary>
    public BodyField<IReadOnlyList<string>> Texts(string name) => Read(name, value =>
    {
        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(TextOf).ToList() : null;
        return texts is null || texts.Contains(null) ? null : (IReadOnlyList<string>)texts!;
    });

    private BodyField<T> Read<T>(string name, Func<JsonElement, T?> read) =>
        root is { } body && body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new BodyField<T>(IsGiven: true, read(value))
            : new BodyField<T>(IsGiven: false, default);

    // JSON may hold an unpaired surrogate, which is not a valid string.
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

/// <summary>A field of a request's body.</summary>
/// <param name="IsGiven">Whether the body has it; <c>null</c> counts as not given.</param>
/// <param name="Value">Its value; null if it is not given or has the wrong type.</param>
internal sealed record BodyField<T>(bool IsGiven, T? Value);
