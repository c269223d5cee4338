using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace TokenBroker.Configuration;

/// <summary>
/// The JSON file that <c>TOKENBROKER_CONFIG</c> names. It overrides appsettings.json, and the environment overrides it. Comments are
/// allowed.
/// </summary>
internal static class ConfigurationFile
{
    public const string Key = "TOKENBROKER_CONFIG";

    public static void AddConfigurationFile(this ConfigurationManager configuration)
    {
        if (configuration[Key] is not { Length: > 0 } path)
            return;
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var environment = sources.ToList().FindLastIndex(source => source is EnvironmentVariablesConfigurationSource);
        if (!SecretFile.LooksLikePath(path))
            throw new StartupFaultException($"{Key}: is not a path. It must name the configuration file, not hold its content.");
        if (Directory.Exists(path))
            throw new StartupFaultException($"{Key}: the file '{path}' {SecretFile.IsDirectory}.");
        try
        {
            OrdinaryFile.Require(path);
            var file = new JsonFile { Path = Path.GetFullPath(path), Optional = false };
            file.ResolveFileProvider();
            sources.Insert(environment, file);
        }
        catch (FileNotFoundException)
        {
            throw new StartupFaultException($"{Key}: the file '{path}' is missing.");
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException)
        {
            throw new StartupFaultException($"{Key}: the file '{path}' {Explain(File.ReadAllText(path), exception)}");
        }
        catch (Exception exception) when (SecretFile.IsUnreadable(exception))
        {
            throw new StartupFaultException($"{Key}: the file '{path}' {SecretFile.Describe(exception)}.");
        }
    }

    /// <summary>Why a text is not a configuration.</summary>
    public static string Explain(string text, Exception exception) => DuplicateKey.Find(text) is { } key
        ? $"has the key '{key}' twice. Keep one; keys are not case sensitive."
        : $"is not JSON: {exception.GetBaseException().Message}";
}

/// <summary>The configuration with another version of its file, for what may change without a restart.</summary>
internal sealed class ConfigurationVersions(IConfiguration configuration)
{
    private readonly string? path = configuration[ConfigurationFile.Key] is { Length: > 0 } named ? Path.GetFullPath(named) : null;

    /// <summary>The file's text; null if there is no file.</summary>
    public string? Read()
    {
        if (path is null)
            return null;
        OrdinaryFile.Require(path);
        return File.ReadAllText(path);
    }

    /// <summary>The names at the file's top level: its sections, and values outside of any section.</summary>
    public IEnumerable<string> Names =>
        from provider in ((IConfigurationRoot)configuration).Providers
        where provider is JsonConfigurationProvider { Source: var source } && IsTheFile(source)
        from name in provider.GetChildKeys([], parentPath: null).Distinct(StringComparer.OrdinalIgnoreCase)
        select name;

    /// <summary>
    /// The whole configuration with this text in place of the file; the environment and the command line still override it.
    /// </summary>
    public ConfigurationRoot With(string text)
    {
        var builder = new ConfigurationBuilder();
        var sources = ((IConfigurationBuilder)configuration).Sources;
        return new ConfigurationRoot([.. sources.Select(source => Source(source, text).Build(builder))]);
    }

    /// <summary>The other sections that another version of the file changes: they are read at the next start.</summary>
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

        // Disposing of this version must not dispose of the running configuration.
        ChainedConfigurationSource { Configuration: { } chained } =>
            new ChainedConfigurationSource { Configuration = chained, ShouldDisposeConfiguration = false },
        _ => source,
    };

    private bool IsTheFile(IConfigurationSource source) =>
        source is JsonConfigurationSource { FileProvider: { } provider, Path: { } name }
        && string.Equals(provider.GetFileInfo(name).PhysicalPath, path, StringComparison.Ordinal);
}
