using System.Text.Json;

namespace TokenBroker.Testing;

/// <summary>What a caller of the runner API was answered, with every header and every byte.</summary>
internal sealed class ApiResponse
{
    private readonly TokenResponse caller;
    private readonly ILookup<string, string> headers;

    private ApiResponse(TokenResponse caller, byte[] bytes, ILookup<string, string> headers)
    {
        this.caller = caller;
        this.headers = headers;
        Bytes = bytes;
    }

    public int Status => caller.Status;

    public byte[] Bytes { get; }

    public string Text => caller.Text;

    public string Detail => caller.Detail;

    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>The fields that are at fault, each with its code.</summary>
    public string Fields => Json.TryGetProperty("errors", out var errors)
        ? string.Join(
            ' ',
            errors.EnumerateArray().Select(error => $"{error.GetProperty("field").GetString()}:{error.GetProperty("code").GetString()}"))
        : "";

    /// <summary>The names of the labels that the answer holds, in its order.</summary>
    public string Labels =>
        string.Join(' ', Json.GetProperty("labels").EnumerateArray().Select(label => label.GetProperty("name").GetString()));

    public static async Task<ApiResponse> ReadAsync(HttpResponseMessage response) => new(
        await TokenResponse.ReadAsync(response),
        await response.Content.ReadAsByteArrayAsync(),
        response.Headers.Concat(response.Content.Headers).ToLookup(
            header => header.Key,
            header => string.Join(", ", header.Value),
            StringComparer.OrdinalIgnoreCase));

    public string? Header(string name) => headers[name].SingleOrDefault();

    /// <summary>The address that <c>Link</c> has for a relation.</summary>
    public Uri? Link(string relation) => (Header("Link") ?? "").Split(", ")
        .Where(entry => entry.EndsWith($">; rel=\"{relation}\"", StringComparison.Ordinal))
        .Select(entry => new Uri(entry[1..entry.IndexOf('>', StringComparison.Ordinal)]))
        .SingleOrDefault();

    public ApiResponse Is(int status)
    {
        Assert.True(Status == status, $"{status} was expected, not {Status}: {Text}");
        return this;
    }

    public ApiResponse IsFailure(int status, string kind)
    {
        caller.IsFailure(status, kind);
        return this;
    }
}
