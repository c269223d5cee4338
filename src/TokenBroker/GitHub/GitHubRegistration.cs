using System.Diagnostics;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;
using TokenBroker.Telemetry;

namespace TokenBroker.GitHub;

internal static class GitHubRegistration
{
    // A page of a hundred runners with many labels takes a few hundred kilobytes.
    private const int LargestAnswer = 4 * 1024 * 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    // DNS changes take effect within minutes.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void AddGitHub(this IServiceCollection services)
    {
        services.AddStrictOptions<GitHubOptions, GitHubOptionsValidator>(GitHubOptions.Section);
        services.AddWarnings(provider => GitHubWarnings.Find(
            StrictOptions.Read<GitHubOptions>(provider.GetRequiredService<IConfiguration>(), GitHubOptions.Section)));
        services.AddSingleton<GitHubClock>();
        services.AddSingleton<GitHubConnection>();
        services.AddSingleton<CredentialLimits>();
        services.AddSingleton<QuotaReserve>();
        services.AddSingleton<GitHubQuota>();
        services.AddSingleton(provider => Identity(provider.GetRequiredService<IOptions<GitHubOptions>>().Value));
        services.AddHttpClient<GitHubClient>(Configure)
            .UseSocketsHttpHandler(static (handler, provider) => Configure(handler, provider))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();

        services.AddSingleton<GitHubSecrets>();
        services.AddSingleton<GitHubAppClient>();
        services.AddSingleton<AppDirectory>();
        services.AddSingleton<Installations>();
        services.AddSingleton<InstallationTokens>();
        services.AddSingleton<EnterpriseClient>();
        services.AddSingleton<ScopeClient>();
        services.AddSingleton<RunnerTokenMint>();
        services.AddSingleton<ScopeRefusals>();
        services.AddSingleton<RunnerClient>();
    }

    private static GitHubIdentity Identity(GitHubOptions options) =>
        new(new Uri(options.ApiUrl).Authority.ToLowerInvariant(), options.App.ClientId?.Trim() ?? "");

    private static void Configure(IServiceProvider provider, HttpClient http)
    {
        var options = provider.GetRequiredService<IOptions<GitHubOptions>>().Value;
        http.BaseAddress = new Uri(options.ApiUrl.TrimEnd('/') + "/");
        http.MaxResponseContentBufferSize = LargestAnswer;
        http.Timeout = Timeout.InfiniteTimeSpan;
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.github+json"));
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("token-broker", Instrumentation.Version));
        http.DefaultRequestHeaders.Add("X-GitHub-Api-Version", "2022-11-28");
    }

    private static void Configure(SocketsHttpHandler handler, IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<GitHubOptions>>().Value;
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;

        // GitHub is not part of a caller's trace.
        handler.ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator();
        handler.ConnectTimeout = ConnectTimeout;
        handler.PooledConnectionLifetime = ConnectionLifetime;
        if (CertificateAuthorities.Trust(options.CaCertificatePath) is { } trust)
            handler.SslOptions = trust;
    }
}
