namespace TokenBroker.Swagger;

/// <summary>The answer when all is well.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Description">What it is.</param>
/// <param name="Content">Its body; null where it has none.</param>
internal sealed record AnswerDocumentation(int Status, string Description, ContentDocumentation? Content)
{
    /// <summary>What <c>Accept: text/plain</c> gets instead; null where it gets nothing else.</summary>
    public string? PlainText { get; init; }

    /// <summary>Whether the answer has an <c>ETag</c>, and <c>If-None-Match</c> may be answered with 304.</summary>
    public bool IsConditional { get; init; }
}
