namespace TokenBroker.Configuration;

/// <summary>A section of the configuration that somebody here reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Options">What it is bound to.</param>
internal sealed record KnownSection(string Name, Type Options);
