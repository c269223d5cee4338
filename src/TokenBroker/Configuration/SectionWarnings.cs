namespace TokenBroker.Configuration;

/// <summary>What stands at the top of the configuration's file and is read by nobody. The framework's own may stand there as well, so it is no fault.</summary>
internal static class SectionWarnings
{
    private static readonly string[] Framework =
        ["$schema", "Logging", "Kestrel", "AllowedHosts", "urls", "http_ports", "https_ports", "environment", "contentRoot", "applicationName"];

    private static readonly string[] FrameworkBeginnings = ["OTEL_", "ASPNETCORE_", "DOTNET_", "Kestrel:", "Logging:"];

    /// <summary>Whether the framework may read it.</summary>
    public static bool IsFrameworks(string name) =>
        Framework.Contains(name, StringComparer.OrdinalIgnoreCase) || FrameworkBeginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));

    /// <summary>Names that nobody reads: most of them are misspelt.</summary>
    public static IEnumerable<ConfigurationWarning> Find(ConfigurationVersions configuration, IEnumerable<KnownSection> sections) =>
        configuration.Names
            .Except(sections.Select(section => section.Name), StringComparer.OrdinalIgnoreCase)
            .Where(name => !IsFrameworks(name))
            .Select(name => new ConfigurationWarning(name, "nothing reads this; the name may be misspelt"));
}
