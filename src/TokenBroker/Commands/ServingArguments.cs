using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Commands;

/// <summary>
/// The command line of a broker that serves: configuration keys, as <c>--key value</c>, <c>--key=value</c> or <c>key=value</c>. The
/// framework skips what it cannot parse, and a misspelled key has no effect, so a slip would silently change the configuration.
/// </summary>
internal sealed class ServingArguments
{
    private const string Line = "The command line";
    private const string EnvironmentPrefix = "ASPNETCORE_";
    private const int LongestName = 32;

    // The host reads these only from the command line and the environment, before any file.
    private static readonly string[] HostKeys =
    [
        ConfigurationFile.Key,
        "startupAssembly",
        "hostingStartupAssemblies",
        "hostingStartupExcludeAssemblies",
        "preventHostingStartup",
        "preferHostingUrls",
        "detailedErrors",
        "captureStartupErrors",
        "suppressStatusMessages",
        "shutdownTimeoutSeconds",
        "webroot",
        "staticWebAssets",
        "https_port",
        "forwardedHeaders_enabled",
        "hostBuilder",
    ];

    private readonly List<(string Key, string Value)> settings = [];

    private ServingArguments() { }

    /// <summary>The command line in the form that the framework reads.</summary>
    public string[] Words => [.. settings.Select(setting => $"--{setting.Key}={setting.Value}")];

    /// <summary>Parses the command line. <c>--config FILE</c> works as it does for commands.</summary>
    /// <exception cref="StartupFaultException">
    /// A key lacks its value, or a value its key. Such a value may be a secret, so the message gives its position and not its text.
    /// </exception>
    public static ServingArguments Parse(IReadOnlyList<string> words)
    {
        var arguments = new ServingArguments();
        for (var index = 0; index < words.Count; index++)
        {
            var word = words[index];
            if (word.Length == 0)
                continue;
            var hasPrefix = HasHyphens(word) || word[0] == '/';
            var parts = word[(HasHyphens(word) ? 2 : hasPrefix ? 1 : 0)..].Split('=', 2);
            if (parts[0].Length == 0 || parts[0][0] == '-' || (!hasPrefix && parts.Length == 1))
            {
                throw new StartupFaultException(string.Create(
                    CultureInfo.InvariantCulture, $"{Line}: word {index + 1} has no key. Write --KEY VALUE; a command must come first."));
            }

            var value = parts is [_, var after] ? after
                : index + 1 < words.Count && !HasHyphens(words[index + 1]) ? words[++index]
                : null;
            arguments.Add(parts[0], value);
        }

        return arguments;
    }

    /// <exception cref="AggregateException">Holds a fault for each key that has no effect.</exception>
    public void Check(IEnumerable<KnownSection> sections)
    {
        var known = sections.Select(section => section.Name).Concat(HostKeys).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var faults = settings
            .Select(setting => FindFault(setting.Key.Split(':')[0], known))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (faults.Count > 0)
            throw new AggregateException(faults.Select(fault => new StartupFaultException(fault)));
    }

    private void Add(string key, string? value)
    {
        var isFile = string.Equals(key, CommandConfiguration.File.Name.TrimStart('-'), StringComparison.OrdinalIgnoreCase);
        if (value is null || (isFile && value.Length == 0))
            throw new StartupFaultException($"{Line}: {Show(key)} needs a value.");
        settings.Add((isFile ? ConfigurationFile.Key : key, value));
    }

    private static string? FindFault(string name, HashSet<string> known)
    {
        if (known.Contains(name))
            return null;
        if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            return $"{Line}: {Show(name)} is the name of an environment variable. Omit '{EnvironmentPrefix}' here.";
        if (SectionWarnings.IsFrameworks(name))
            return null;
        return CommandLine.IsName(name)
            ? $"{Line}: {Show(name)} is a command, which must come first and without hyphens."
            : $"{Line}: {Show(name)} is unknown; check its spelling.";
    }

    // A value such as -----BEGIN also begins with two hyphens, but a key never has three.
    private static bool HasHyphens(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) && !word.StartsWith("---", StringComparison.Ordinal);

    // Anything that does not look like a name may be a secret.
    private static string Show(string key) => key.Length <= LongestName && key.All(IsNameCharacter) ? $"'--{key}'" : "one of its keys";

    private static bool IsNameCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '$' or ':';
}
