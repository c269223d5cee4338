using Microsoft.Extensions.Configuration.Json;

namespace TokenBroker.Configuration;

/// <summary>The configuration as it would be with another version of its file, for what may change without a restart.</summary>
internal sealed class ConfigurationVersions(IConfiguration configuration)
{
    private readonly string? path = configuration[ConfigurationFile.Key] is { Length: > 0 } named ? Path.GetFullPath(named) : null;

    /// <summary>The file's text; null where there is no file.</summary>
    public string? Read()
    {
        if (path is null)
            return null;
        OrdinaryFile.Require(path);
        return File.ReadAllText(path);
    }

    /// <summary>The names at the file's top level: its sections, and values that stand in none.</summary>
    public IEnumerable<string> Names =>
        from provider in ((IConfigurationRoot)configuration).Providers
        where provider is JsonConfigurationProvider { Source: var source } && IsTheFile(source)
        from name in provider.GetChildKeys([], parentPath: null).Distinct(StringComparer.OrdinalIgnoreCase)
        select name;

    /// <summary>The whole configuration with this text in the file's place; the environment and the command line still lie over it.</summary>
    public ConfigurationRoot With(string text)
    {
        var builder = new ConfigurationBuilder();
        return new ConfigurationRoot([.. ((IConfigurationBuilder)configuration).Sources.Select(source => Source(source, text).Build(builder))]);
    }

    /// <summary>The sections that another version of the file changes beside one: they are read at the next start.</summary>
    public IReadOnlyList<string> ChangedBeside(string section, IConfiguration version) =>
    [
        .. configuration.AsEnumerable().Except(version.AsEnumerable()).Concat(version.AsEnumerable().Except(configuration.AsEnumerable()))
            .Select(pair => pair.Key.Split(ConfigurationPath.KeyDelimiter)[0])
            .Where(name => !name.Equals(section, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.OrdinalIgnoreCase),
    ];

    private IConfigurationSource Source(IConfigurationSource source, string text) => source switch
    {
        _ when IsTheFile(source) => JsonFile.OfText(text),

        // What is disposed with this version must not be the running configuration's own.
        ChainedConfigurationSource { Configuration: { } chained } => new ChainedConfigurationSource { Configuration = chained, ShouldDisposeConfiguration = false },
        _ => source,
    };

    private bool IsTheFile(IConfigurationSource source) =>
        source is JsonConfigurationSource { FileProvider: { } provider, Path: { } name }
        && string.Equals(provider.GetFileInfo(name).PhysicalPath, path, StringComparison.Ordinal);
}
