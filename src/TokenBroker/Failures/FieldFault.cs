using System.Text.Json.Serialization;

namespace TokenBroker.Failures;

/// <summary>A field of a request that is not valid, in the shape of GitHub's own <c>errors</c>.</summary>
/// <param name="Field">GitHub's name of the path, query or body field.</param>
/// <param name="Code">GitHub's word for the kind of fault: <c>invalid</c>.</param>
/// <param name="Message">What the field must be.</param>
public sealed record FieldFault(
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message);
