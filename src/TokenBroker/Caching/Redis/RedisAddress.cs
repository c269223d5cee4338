using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using TokenBroker.Hosting;

namespace TokenBroker.Caching.Redis;

/// <summary>Where Redis is and how to get in.</summary>
internal sealed class RedisAddress
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
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
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        options.ConfigurationChannel = "";
        options.TieBreaker = "";
        options.ClientName = "token-broker";
        if (authorities is { Length: > 0 })
        {
            var roots = CertificateAuthorities.Read(authorities);
            options.CertificateValidation += (_, certificate, _, errors) => IsTrusted(certificate, errors, roots);
        }

        return options;
    }

    public override string ToString() => "Redis";

    // The client has no place for a chain policy, only for a verdict.
    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection roots)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain { ChainPolicy = CertificateAuthorities.PolicyOf(roots) };
        using var presented = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return chain.Build(presented);
    }
}
