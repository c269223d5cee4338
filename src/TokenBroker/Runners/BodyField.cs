namespace TokenBroker.Runners;

/// <summary>A field of a request's body.</summary>
/// <param name="IsGiven">Whether the body has it; <c>null</c> counts as not given.</param>
/// <param name="Value">What it is; null where it is not given, or not of its type.</param>
internal sealed record BodyField<T>(bool IsGiven, T? Value);
