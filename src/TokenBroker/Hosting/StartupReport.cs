using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.GitHub;
using TokenBroker.Telemetry;

namespace TokenBroker.Hosting;

/// <summary>Logs at start which configuration is in force. Names and addresses, never a secret.</summary>
internal sealed partial class StartupReport(
    IOptions<GitHubOptions> gitHub,
    GitHubSecrets secrets,
    IOptions<IssuerListOptions> callers,
    PolicyStore policies,
    IOptions<TokenCacheOptions> cache,
    RedisSharing redis,
    OtlpDestinations destinations,
    ILogger<StartupReport> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Log.Version(logger, Instrumentation.Version, RuntimeInformation.FrameworkDescription);
        Log.GitHub(
            logger,
            gitHub.Value.ApiUrl,
            secrets.App is null ? "no App" : "App " + gitHub.Value.App.ClientId,
            secrets.EnterpriseToken is null ? "no enterprise token" : "an enterprise token");
        foreach (var (name, issuer) in callers.Value.Issuers)
            Log.Issuer(logger, name, issuer.Authority ?? issuer.JwksUri ?? issuer.JwksPath, issuer.Audiences.Count);
        Log.Policies(logger, policies.Current.All.Count(), string.Join(", ", policies.Current.All.Select(policy => policy.Name)));
        Log.Cache(
            logger,
            redis.IsConfigured ? "memory and Redis" : "memory alone",
            cache.Value.MinimumRemainingLifetime,
            cache.Value.Generation);
        Log.Telemetry(logger, NameOf(destinations.Metrics), NameOf(destinations.Traces), NameOf(destinations.Logs));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string NameOf(Uri? destination) => destination?.GetLeftPart(UriPartial.Authority) ?? "nowhere";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Token Broker {Version} on {Runtime}")]
        public static partial void Version(ILogger logger, string version, string runtime);

        [LoggerMessage(2, LogLevel.Information, "GitHub: {Address}, {App}, {EnterpriseToken}")]
        public static partial void GitHub(ILogger logger, string address, string app, string enterpriseToken);

        [LoggerMessage(3, LogLevel.Information, "Issuer {Issuer}: {Address}, audiences: {Audiences}")]
        public static partial void Issuer(ILogger logger, string issuer, string? address, int audiences);

        [LoggerMessage(4, LogLevel.Information, "Policies: {Count}: {Policies}")]
        public static partial void Policies(ILogger logger, int count, string policies);

        [LoggerMessage(
            5,
            LogLevel.Information,
            "Cache: {Where}, tokens with {MinimumRemainingLifetime} left at least, generation {Generation}")]
        public static partial void Cache(ILogger logger, string where, TimeSpan minimumRemainingLifetime, int generation);

        [LoggerMessage(6, LogLevel.Information, "Telemetry: metrics to {Metrics}, traces to {Traces}, logs to {Logs}")]
        public static partial void Telemetry(ILogger logger, string metrics, string traces, string logs);
    }
}
