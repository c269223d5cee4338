using TokenBroker.Failures;

namespace TokenBroker.Swagger;

/// <summary>A way in which a request ends badly.</summary>
/// <param name="Kind">An example of it.</param>
/// <param name="Detail">What the example tells.</param>
/// <param name="Meaning">What all answers of its status mean.</param>
internal sealed record FailureDocumentation(FailureKind Kind, string Detail, string Meaning);
