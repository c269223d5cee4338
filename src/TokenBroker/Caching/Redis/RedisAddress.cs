using System.Net.Security;
using StackExchange.Redis;
using TokenBroker.Hosting;

namespace TokenBroker.Caching.Redis;

/// <summary>Where Redis is and how to get in.</summary>
internal sealed class RedisAddress
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Longer than any request waits for Redis, in a boot storm too.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    private readonly string text;

    private RedisAddress(string text) => this.text = text;

    /// <summary>Reads a connection string; throws <see cref="FormatException"/>, which does not quote it.</summary>
    public static RedisAddress Parse(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0 ? new RedisAddress(text) : throw new FormatException("names no server");
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new FormatException("has a setting that StackExchange.Redis does not know");
        }
    }

    /// <summary>The client's settings. Reconnecting is ours, so the client gives up at once.</summary>
    /// <param name="authorities">A PEM file of certificate authorities; null for the system's.</param>
    public ConfigurationOptions ToOptions(string? authorities)
    {
        var options = ConfigurationOptions.Parse(text);
        options.AbortOnConnectFail = true;
        options.AllowAdmin = false;

        // Deadlines are ours, and what was not sent when the connection breaks is for nobody later. To fail at once while there is none would
        // fail the subscription too, whose connection is only made when it is wanted.
        options.BacklogPolicy = new BacklogPolicy { QueueWhileDisconnected = true, AbortPendingOnConnectionFailure = true };
        options.AsyncTimeout = (int)LongestAnswer.TotalMilliseconds;
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        options.ConfigurationChannel = "";
        options.TieBreaker = "";
        options.ClientName = "token-broker";
        if (authorities is { Length: > 0 })
            options.SslClientAuthenticationOptions = host => Trust(authorities, host);

        return options;
    }

    public override string ToString() => "Redis";

    private static SslClientAuthenticationOptions Trust(string authorities, string host)
    {
        var trust = CertificateAuthorities.Trust(authorities)!;
        trust.TargetHost = host;
        return trust;
    }
}
