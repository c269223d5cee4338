namespace TokenBroker.Swagger;

/// <summary>Section <c>Swagger</c>: the API's document and the page to try it on.</summary>
public sealed class SwaggerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Swagger";

    /// <summary>Whether there are the page and the document, for everyone. Default true.</summary>
    public bool Enabled { get; set; } = true;
}
