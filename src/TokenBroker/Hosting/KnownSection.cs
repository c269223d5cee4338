namespace TokenBroker.Hosting;

/// <summary>A section of the configuration that somebody here reads.</summary>
internal sealed record KnownSection(string Name);
