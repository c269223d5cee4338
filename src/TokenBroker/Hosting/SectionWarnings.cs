namespace TokenBroker.Hosting;

/// <summary>Which sections of the configuration's file nobody reads. The framework's own values may stand there as well, so they are no fault.</summary>
internal static class SectionWarnings
{
    private static readonly string[] Framework = ["Logging", "Kestrel"];

    /// <summary>Sections that nobody reads: most of them are misspelt.</summary>
    public static IEnumerable<ConfigurationWarning> Find(ConfigurationVersions configuration, IEnumerable<KnownSection> sections) =>
        configuration.Sections
            .Except(sections.Select(section => section.Name).Concat(Framework), StringComparer.OrdinalIgnoreCase)
            .Select(name => new ConfigurationWarning(name, "nobody reads this section; its name may be misspelt"));
}
