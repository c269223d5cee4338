namespace TokenBroker.Runners;

/// <summary>A part of a request that a validator looks at.</summary>
/// <param name="Name">GitHub's name of it.</param>
/// <param name="IsOfBody">Whether it is a field of the body: a fault of one is 422, of a path or a query 400.</param>
internal sealed record RequestField(string Name, bool IsOfBody = false);
