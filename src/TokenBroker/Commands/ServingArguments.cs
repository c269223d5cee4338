using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Commands;

/// <summary>
/// What the line says where the broker serves: keys of the configuration, as <c>--key value</c>, <c>--key=value</c> or <c>key=value</c>. The framework
/// passes over what it cannot read, and nobody reads a key that is misspelt, so a slip would serve with another configuration than was meant.
/// </summary>
internal sealed class ServingArguments
{
    private const string Line = "The command line";
    private const int LongestName = 32;

    // The host takes these from the line and the environment alone, before there is a file.
    private static readonly string[] HostWords =
    [
        ConfigurationFile.Key, "startupAssembly", "hostingStartupAssemblies", "hostingStartupExcludeAssemblies", "preventHostingStartup", "preferHostingUrls", "detailedErrors",
        "captureStartupErrors", "suppressStatusMessages", "shutdownTimeoutSeconds", "webroot", "staticWebAssets", "https_port", "forwardedHeaders_enabled", "hostBuilder",
    ];

    private readonly List<(string Key, string Value)> settings = [];

    private ServingArguments() { }

    /// <summary>The line as the framework reads it.</summary>
    public string[] Words => [.. settings.Select(setting => $"--{setting.Key}={setting.Value}")];

    /// <summary>Reads the line; <c>--config FILE</c> is what it is to the commands.</summary>
    /// <exception cref="StartupFaultException">A key has no value, or a value no key. It may be a secret, so its place is told, not its text.</exception>
    public static ServingArguments Parse(IReadOnlyList<string> words)
    {
        var arguments = new ServingArguments();
        for (var index = 0; index < words.Count; index++)
        {
            var word = words[index];
            if (word.Length == 0)
                continue;
            var isMarked = IsMarked(word) || word[0] == '/';
            var parts = word[(IsMarked(word) ? 2 : isMarked ? 1 : 0)..].Split('=', 2);
            if (parts[0].Length == 0 || parts[0][0] == '-' || (!isMarked && parts.Length == 1))
                throw new StartupFaultException(string.Create(CultureInfo.InvariantCulture, $"{Line}: word {index + 1} has no key. Write --KEY VALUE; a command is the first word."));
            var value = parts is [_, var after] ? after : index + 1 < words.Count && !IsMarked(words[index + 1]) ? words[++index] : null;
            arguments.Add(parts[0], value);
        }

        return arguments;
    }

    /// <summary>Throws a fault for each key that nothing reads.</summary>
    public void Check(IEnumerable<KnownSection> sections)
    {
        var known = sections.Select(section => section.Name).Concat(HostWords).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var faults = settings.Select(setting => FaultOf(setting.Key.Split(':')[0], known)).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
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

    private static string? FaultOf(string name, HashSet<string> known)
    {
        const string Environment = "ASPNETCORE_";
        if (known.Contains(name))
            return null;
        if (name.StartsWith(Environment, StringComparison.OrdinalIgnoreCase))
            return $"{Line}: {Show(name)} is a name of the environment. Leave out '{Environment}' here.";
        if (SectionWarnings.IsFrameworks(name))
            return null;
        return CommandLine.IsName(name)
            ? $"{Line}: {Show(name)} is a command, and stands first and without hyphens."
            : $"{Line}: {Show(name)} is read by nothing; the name may be misspelt.";
    }

    // A value may begin so as well, such as -----BEGIN; no key has a third hyphen.
    private static bool IsMarked(string word) => word.StartsWith("--", StringComparison.Ordinal) && !word.StartsWith("---", StringComparison.Ordinal);

    // What is no name on the face of it may be a secret.
    private static string Show(string key) =>
        key.Length <= LongestName && key.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '$' or ':') ? $"'--{key}'" : "a key on it";
}
