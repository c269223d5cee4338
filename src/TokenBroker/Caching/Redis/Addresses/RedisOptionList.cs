using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis.Addresses;

/// <summary>
/// The options of an address. Faults name an option but never quote a value, nor a name that may be the rest of a password with a comma.
/// </summary>
internal sealed partial class RedisOptionList(bool isUrl)
{
    private const string User = "user";
    private const string Password = "password";
    private const string Sentinels = "serviceName";
    private const string SentinelsUser = "sentinelUser";
    private const string SentinelsPassword = "sentinelPassword";
    private const string CommaInPassword = "write a password with a comma as redis://:password@host:port, with %2C for the comma";

    private const string NotAnOption = "has a part after its options that is not an option: servers come first, and ";

    // Parsed here because StackExchange.Redis trims them, splits them at commas or quotes them in its exceptions.
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        User, Password, Sentinels, SentinelsUser, SentinelsPassword,
    };

    // What a URL has before its servers, or as its scheme.
    private static readonly HashSet<string> BeforeServers = new(StringComparer.OrdinalIgnoreCase) { User, Password, "ssl" };

    private static readonly HashSet<string> Client = new(StringComparer.OrdinalIgnoreCase)
    {
        "abortConnect", "allowAdmin", "asyncTimeout", "checkCertificateRevocation", "configChannel", "configCheckSeconds", "connectRetry",
        "connectTimeout", "defaultDatabase", "highIntegrity", "highPriorityThreads", "keepAlive", "name", "preserveAsyncOrder", "protocol",
        "proxy", "resolveDns", "responseTimeout", "setlib", "ssl", "sslHost", "sslProtocols", "syncTimeout", "tcpKeepAlive", "tiebreaker",
        "topologyRefreshSeconds", "tunnel", "version", "writeBuffer",
    };

    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    public bool IsUrl => isUrl;

    public string? ServiceName => values.GetValueOrDefault(Sentinels);

    public string? SentinelUser => values.GetValueOrDefault(SentinelsUser);

    public string? SentinelPassword => values.GetValueOrDefault(SentinelsPassword);

    private bool HoldsSecret => values.ContainsKey(SentinelsPassword) || (!isUrl && values.ContainsKey(Password));

    public static bool IsKnown(string name) => Own.Contains(name) || Client.Contains(name);

    /// <summary>Adds an option written as <c>name=value</c>.</summary>
    public void Add(string part)
    {
        var equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            throw new FormatException((part.Length == 0 ? "has an empty part; " : NotAnOption) + CommaInPassword);
        var name = part[..equals].TrimEnd();
        if (isUrl && BeforeServers.Contains(name))
            throw new FormatException("is a URL with user, password or ssl in its query; write rediss://user:password@host:port");
        if (!IsKnown(name))
            throw new FormatException(DescribeUnknown(name, part[(equals + 1)..]));
        Set(name, part[(equals + 1)..].TrimStart());
    }

    /// <summary>Sets a known option.</summary>
    public void Set(string name, string value)
    {
        if (value.Length == 0)
            throw new FormatException($"has {name}= without a value");
        if (!values.TryAdd(name, value))
            throw new FormatException($"has {name}= twice");
        if (Client.Contains(name))
            _ = Read(name, value);
        else if (name.Equals(Sentinels, StringComparison.OrdinalIgnoreCase) && !Service().IsMatch(value))
            throw new FormatException($"has a {Sentinels}= that is not a valid master name");
    }

    /// <summary>The client's settings without the servers.</summary>
    public ConfigurationOptions ToConfiguration()
    {
        if (values.ContainsKey(User) && !values.ContainsKey(Password))
            throw new FormatException($"has {User}= without {Password}=");
        if (values.ContainsKey(SentinelsUser) && !values.ContainsKey(SentinelsPassword))
            throw new FormatException($"has {SentinelsUser}= without {SentinelsPassword}=");
        if (values.ContainsKey(SentinelsPassword) && ServiceName is null)
            throw new FormatException($"has {SentinelsPassword}= without {Sentinels}=");

        var known = values.Where(option => Client.Contains(option.Key)).Select(option => $"{option.Key}={option.Value}").ToList();
        var options = known.Count == 0 ? new ConfigurationOptions() : ConfigurationOptions.Parse(string.Join(',', known));
        options.User = values.GetValueOrDefault(User);
        options.Password = values.GetValueOrDefault(Password);
        return options.DefaultDatabase < 0 ? throw new FormatException("has an invalid value for defaultDatabase=") : options;
    }

    private static ConfigurationOptions Read(string name, string value)
    {
        try
        {
            // A value with an @ is the rest of a password before a host.
            return value.IndexOfAny([',', '@']) >= 0 || value.Any(char.IsWhiteSpace)
                ? throw new FormatException()
                : ConfigurationOptions.Parse($"{name}={value}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new FormatException($"has an invalid value for {name}=");
        }
    }

    // A password without its name= may end with the = of Base64.
    private string DescribeUnknown(string name, string value) =>
        HoldsSecret ? "has an unknown option after a password; " + CommaInPassword
        : Word().IsMatch(name) && value.Trim('=').Length > 0 ? $"has an unknown option: {name}="
        : "has an unknown option, or a server or password that is not written as host:port,password=…,ssl=true";

    [GeneratedRegex("^[A-Za-z_]{1,30}\\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();

    [GeneratedRegex("^[A-Za-z0-9._-]+\\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Service();
}
