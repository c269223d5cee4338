using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using StackExchange.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis.Addresses;

/// <summary>Where Redis is, and how to log in there.</summary>
internal sealed class RedisAddress
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Longer than any request waits for Redis, even in a boot storm.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    private readonly ConfigurationOptions given;
    private readonly RedisOptionList options;

    private RedisAddress(IReadOnlyList<RedisServerName> servers, RedisOptionList options)
    {
        this.options = options;
        given = options.ToConfiguration();
        ServiceName = options.ServiceName;

        // In a list, a word without a port may be a misplaced password, which would be shown as a server.
        if ((!options.IsUrl || servers.Count > 1) && servers.Any(server => server.Port is null))
            throw new FormatException("names a server without a port: write each as host:port");
        var port = ServiceName is not null ? 26379 : 6379;
        foreach (var server in servers.Select(server => server.ToEndPoint(port)))
        {
            if (given.EndPoints.Contains(server))
                throw new FormatException("names a server twice");
            given.EndPoints.Add(server);
        }
    }

    /// <summary>The master's name if the servers are sentinels; null if they are Redis.</summary>
    public string? ServiceName { get; }

    public bool IsEncrypted => given.Ssl;

    /// <summary>Whether traffic to Redis stays on this machine.</summary>
    public bool IsOnThisMachine => given.EndPoints.All(server => server switch
    {
        DnsEndPoint name => string.Equals(name.Host, "localhost", StringComparison.OrdinalIgnoreCase),
        IPEndPoint address => IPAddress.IsLoopback(address.Address),
        _ => true,
    });

    /// <summary>The servers, for an operator to read.</summary>
    public string Servers => string.Join(", ", given.EndPoints.Select(RedisServerName.Describe));

    /// <summary>Parses a connection string or a URL. Throws a <see cref="FormatException"/> that quotes no part of it.</summary>
    public static RedisAddress Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Any(char.IsControl))
            throw new FormatException("contains a line break or another control character");
        var (servers, others) = RedisUrl.IsUrl(trimmed) ? RedisUrl.Parse(trimmed) : ParseList(trimmed);
        return new RedisAddress(servers, others);
    }

    /// <summary>The client's settings. The broker reconnects by itself, so the client gives up at once.</summary>
    /// <param name="authorities">A PEM file of certificate authorities; null for the system's.</param>
    /// <param name="master">The only server, if the sentinels named it.</param>
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

    /// <summary>The settings for the connections to the sentinels, one per sentinel.</summary>
    /// <param name="authorities">A PEM file of certificate authorities; null for the system's.</param>
    public IReadOnlyList<ConfigurationOptions> ToSentinelOptions(string? authorities) => [.. given.EndPoints.Select(sentinel =>
    {
        var settings = ToOptions(authorities, sentinel);
        settings.CommandMap = CommandMap.Sentinel;
        settings.DefaultDatabase = null;

        // A Redis user rarely exists on the sentinels too, and a sentinel without a password rejects one.
        (settings.User, settings.Password) = options.SentinelPassword is { } password
            ? (options.SentinelUser, password)
            : (null, given.User is null ? given.Password : null);
        return settings;
    })];

    public override string ToString() => "Redis";

    // Servers come first: what follows an option may be the rest of a password with a comma, and look like a server.
    private static (IReadOnlyList<RedisServerName> Servers, RedisOptionList Options) ParseList(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var named = parts.TakeWhile(part => part.Length > 0 && !part.Contains('=', StringComparison.Ordinal)).ToList();
        if (named.Count == 0)
            throw new FormatException("must begin with a server");
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

        // The broker has its own deadlines, so nothing may be sent late, after a reconnect. Failing fast while disconnected would also fail
        // the subscription, whose connection is only made when it is needed.
        settings.BacklogPolicy = new BacklogPolicy { QueueWhileDisconnected = true, AbortPendingOnConnectionFailure = true };
        settings.AsyncTimeout = (int)LongestAnswer.TotalMilliseconds;
        settings.ConnectRetry = 1;
        settings.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        settings.ConfigurationChannel = "";
        settings.TieBreaker = "";
        settings.ClientName = "token-broker";

        // An ACL user then needs one permission less.
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
