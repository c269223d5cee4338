using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using StackExchange.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

/// <summary>Where Redis is and how to get in.</summary>
internal sealed class RedisAddress
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Longer than any request waits for Redis, in a boot storm too.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    private readonly ConfigurationOptions given;
    private readonly RedisOptionList options;

    private RedisAddress(IReadOnlyList<RedisServerName> servers, RedisOptionList options)
    {
        this.options = options;
        given = options.ToConfiguration();
        ServiceName = options.ServiceName;

        // In a list, a word without a port may be a password that was put in the wrong place; it would be told as a server.
        if ((!options.IsUrl || servers.Count > 1) && servers.Any(server => server.Port is null))
            throw new FormatException("names a server without a port: each is written host:port");
        var port = ServiceName is not null ? 26379 : 6379;
        foreach (var server in servers.Select(server => server.ToEndPoint(port)))
        {
            if (given.EndPoints.Contains(server))
                throw new FormatException("names a server twice");
            given.EndPoints.Add(server);
        }
    }

    /// <summary>The master's name where the servers are sentinels; null where they are Redis.</summary>
    public string? ServiceName { get; }

    /// <summary>Whether connections are TLS.</summary>
    public bool IsEncrypted => given.Ssl;

    /// <summary>Whether nothing leaves this machine on the way there.</summary>
    public bool IsOnThisMachine => given.EndPoints.All(server => server switch
    {
        DnsEndPoint name => string.Equals(name.Host, "localhost", StringComparison.OrdinalIgnoreCase),
        IPEndPoint address => IPAddress.IsLoopback(address.Address),
        _ => true,
    });

    /// <summary>The servers as they are named, for an operator to read.</summary>
    public string Servers => string.Join(", ", given.EndPoints.Select(RedisServerName.Describe));

    /// <summary>Reads a connection string or a URL; throws <see cref="FormatException"/>, which does not quote it.</summary>
    public static RedisAddress Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Any(char.IsControl))
            throw new FormatException("holds a line break or another control character");
        var (servers, others) = RedisUrl.IsOne(trimmed) ? RedisUrl.Parse(trimmed) : ParseList(trimmed);
        return new RedisAddress(servers, others);
    }

    /// <summary>The client's settings. Reconnecting is ours, so the client gives up at once.</summary>
    /// <param name="authorities">A PEM file of certificate authorities; null for the system's.</param>
    /// <param name="master">The only server, where the sentinels named it.</param>
    public ConfigurationOptions ToOptions(string? authorities, EndPoint? master = null)
    {
        var settings = Prepare(given.Clone(), authorities);
        if (master is not null)
        {
            settings.EndPoints.Clear();
            settings.EndPoints.Add(master);
        }

        return settings;
    }

    /// <summary>The settings of connections to the sentinels, one each.</summary>
    /// <param name="authorities">A PEM file of certificate authorities; null for the system's.</param>
    public IReadOnlyList<ConfigurationOptions> ToSentinelOptions(string? authorities) => [.. given.EndPoints.Select(sentinel =>
    {
        var settings = ToOptions(authorities, sentinel);
        settings.CommandMap = CommandMap.Sentinel;
        settings.DefaultDatabase = null;

        // A user of Redis is hardly ever one of the sentinels too, and one that has no password refuses him.
        (settings.User, settings.Password) = options.SentinelPassword is { } password ? (options.SentinelUser, password) : (null, given.User is null ? given.Password : null);
        return settings;
    })];

    public override string ToString() => "Redis";

    // Servers come first: what follows an option without being one may be the rest of a password that holds a comma, and looks like a server.
    private static (IReadOnlyList<RedisServerName> Servers, RedisOptionList Options) ParseList(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var named = parts.TakeWhile(part => part.Length > 0 && !part.Contains('=', StringComparison.Ordinal)).ToList();
        if (named.Count == 0)
            throw new FormatException("names no server at its beginning");
        var servers = named.ConvertAll(RedisServerName.Parse);
        var others = new RedisOptionList(isUrl: false);
        foreach (var part in parts.Skip(named.Count))
            others.Add(part);
        return (servers, others);
    }

    private static ConfigurationOptions Prepare(ConfigurationOptions settings, string? authorities)
    {
        settings.AbortOnConnectFail = true;
        settings.AllowAdmin = false;

        // Deadlines are ours, and what was not sent when the connection breaks is for nobody later. To fail at once while there is none would
        // fail the subscription too, whose connection is only made when it is wanted.
        settings.BacklogPolicy = new BacklogPolicy { QueueWhileDisconnected = true, AbortPendingOnConnectionFailure = true };
        settings.AsyncTimeout = (int)LongestAnswer.TotalMilliseconds;
        settings.ConnectRetry = 1;
        settings.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        settings.ConfigurationChannel = "";
        settings.TieBreaker = "";
        settings.ClientName = "token-broker";

        // One right less that an ACL user needs.
        settings.SetClientLibrary = false;
        if (authorities is { Length: > 0 })
            settings.SslClientAuthenticationOptions = host => Trust(authorities, host, settings.SslProtocols);

        return settings;
    }

    private static SslClientAuthenticationOptions Trust(string authorities, string host, SslProtocols? protocols)
    {
        var trust = CertificateAuthorities.Trust(authorities)!;
        trust.TargetHost = host;
        trust.EnabledSslProtocols = protocols ?? SslProtocols.None;
        return trust;
    }
}
