namespace TokenBroker.Swagger;

/// <summary>A parameter of the path or the query.</summary>
/// <param name="Name">Its name; a path's stands in the route.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">What it may be: a number's example makes it a number.</param>
internal sealed record ParameterDocumentation(string Name, string Description, object? Example)
{
    /// <summary>Whether it is a part of the path.</summary>
    public bool IsInPath { get; init; }

    /// <summary>Its range, where it is a number.</summary>
    public (int Least, int Most)? Range { get; init; }
}
