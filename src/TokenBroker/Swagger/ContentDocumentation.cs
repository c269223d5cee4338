namespace TokenBroker.Swagger;

/// <summary>A JSON body.</summary>
/// <param name="Schema">The type that describes it.</param>
/// <param name="Example">What it may be.</param>
internal sealed record ContentDocumentation(Type Schema, object Example);
