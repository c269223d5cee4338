using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace TokenBroker.Configuration;

/// <summary>The JSON file that <c>TOKENBROKER_CONFIG</c> names: over appsettings.json, under the environment. Comments are allowed.</summary>
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
            throw new StartupFaultException($"{Key}: is no path. It names the file with the configuration, and does not hold it.");
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

    /// <summary>Why a text is no configuration.</summary>
    public static string Explain(string text, Exception exception) => DuplicateKey.Find(text) is { } key
        ? $"has the key '{key}' twice. Leave one: upper and lower case make no difference."
        : $"is not JSON: {exception.GetBaseException().Message}";
}
