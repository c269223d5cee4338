namespace TokenBroker.Authorization;

/// <summary>What one claim of the caller's JWT must be.</summary>
public sealed class ClaimOptions
{
    /// <summary>
    /// A JSON Pointer (RFC 6901) such as <c>/google/compute_engine/project_id</c>, or the plain name of a top-level claim; one with a slash or a dot in it
    /// is written as a pointer. Required.
    /// </summary>
    public string? Claim { get; set; }

    /// <summary>
    /// The values that will do, at least one. <c>*</c> stands for any run of characters but <c>/</c>; the whole value must match, exactly.
    /// A claim that is an array matches if one element does; numbers and booleans are compared by their JSON text.
    /// </summary>
    public List<string> Matches { get; init; } = [];
}
