using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Configuration;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Runners;
using KestrelServerOptions = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace TokenBroker.Hosting;

/// <summary>How the process starts, what every request gets, and how it stops.</summary>
internal static class HostingRegistration
{
    // Room for the longest accepted JWT, and for what proxies add.
    private const int LargestHeaders = 24 * 1024;

    // What one connection may hold in memory: pipelined requests whose answers are not read, and those answers.
    private const int LargestInput = 32 * 1024;
    private const int LargestOutput = 16 * 1024;
    private static readonly MinDataRate SlowestReader = new(bytesPerSecond: 2048, gracePeriod: TimeSpan.FromSeconds(10));

    // Connections that send nothing, or half of their headers, are not requests yet but cost memory too.
    private const int ConnectionsBeyond = 500;
    private static readonly TimeSpan SlowestHeaders = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestFinish = TimeSpan.FromSeconds(30);

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        builder.Configuration.AddConfigurationFile();
        builder.Host.UseDefaultServiceProvider(provider => provider.ValidateOnBuild = provider.ValidateScopes = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestShape.LargestBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
            kestrel.Limits.RequestHeadersTimeout = SlowestHeaders;
            kestrel.Limits.MaxRequestBufferSize = LargestInput;
            kestrel.Limits.MaxResponseBufferSize = LargestOutput;
            kestrel.Limits.MinResponseDataRate = SlowestReader;
        });

        // The limits above apply after TLS and HTTP/2, these to the socket.
        // See https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.server.kestrel.transport.sockets.sockettransportoptions
        builder.WebHost
            .UseSockets(static sockets => (sockets.MaxReadBufferSize, sockets.MaxWriteBufferSize) = (LargestInput, LargestOutput));

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Random.Shared);
        services.AddStrictOptions<ShutdownOptions>(ShutdownOptions.Section);
        services.AddStrictOptions<ForwardingOptions, ForwardingOptionsValidator>(ForwardingOptions.Section);
        services.AddStrictOptions<OverloadOptions>(OverloadOptions.Section);
        services.AddSingleton(new ConfigurationVersions(builder.Configuration));
        services.AddWarnings(provider =>
            SectionWarnings.Find(provider.GetRequiredService<ConfigurationVersions>(), provider.GetServices<KnownSection>()));
        services.AddWarnings(provider => ListeningWarnings.Find(provider.GetRequiredService<IConfiguration>()));
        services.AddWarnings<ForwardingOptions>(ForwardingWarnings.Find);
        services.AddWarnings(FindDeadEnds);
        services.AddSingleton<IValidateOptions<KestrelServerOptions>, ListeningValidator>();
        services.AddOptions<KestrelServerOptions>()
            .Configure<IConfiguration>((kestrel, configuration) =>
            {
                var overload = StrictOptions.Read<OverloadOptions>(configuration, OverloadOptions.Section);
                kestrel.Limits.MaxConcurrentConnections = Math.Max(0L, overload.MaxConcurrentRequests) + ConnectionsBeyond;
            })
            .ValidateOnStart();
        services.AddSingleton<Lifecycle>();
        services.AddHostedService<Drain>();
        services.AddSingleton<WatchedFiles>();
        services.AddHostedService(provider => provider.GetRequiredService<WatchedFiles>());
        services.AddOptions<HostOptions>().Configure<IConfiguration>((host, configuration) =>
            host.ShutdownTimeout = StrictOptions.Read<ShutdownOptions>(configuration, ShutdownOptions.Section).Delay + LongestFinish);
        services.AddOptions<ForwardedHeadersOptions>()
            .Configure<IOptions<ForwardingOptions>>((headers, forwarding) => Configure(headers, forwarding.Value));
    }

    private static IEnumerable<ConfigurationWarning> FindDeadEnds(IServiceProvider provider) => DeadEndWarnings.Find(
        provider.GetRequiredService<IOptions<IssuerListOptions>>().Value,
        provider.GetRequiredService<PolicyStore>().Current,
        StrictOptions.Read<GitHubOptions>(provider.GetRequiredService<IConfiguration>(), GitHubOptions.Section));

    /// <summary>
    /// Adds the gauges and the reports of the start. Call this after telemetry: what is measured and logged before its listeners exist is
    /// lost.
    /// </summary>
    public static void AddStateReports(this IServiceCollection services)
    {
        services.AddHostedService<StateGauges>();
        services.AddHostedService<StartupReport>();
        services.AddHostedService<ConfigurationWarnings>();
    }

    /// <summary>Throws all faults of the configuration at once, before anything uses it.</summary>
    public static void Validate(this WebApplication app) => app.Services.GetRequiredService<IStartupValidator>().Validate();

    public static void UseHosting(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseMiddleware<RequestStart>();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = AnswerAsync });
        app.UseStatusCodePages(context => AnswerAsync(context.HttpContext));
        app.UseMiddleware<RequestsInFlight>();
    }

    // The framework's own answers, such as 404 and 405, have no body; a fault of ours must not show its cause.
    private static Task AnswerAsync(HttpContext context)
    {
        var fault = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var status = fault switch
        {
            null => context.Response.StatusCode,
            BadHttpRequestException bad => bad.StatusCode,
            _ => StatusCodes.Status500InternalServerError,
        };
        var kind = FailureKinds.For(status);
        return new FailureResult(new Failure(kind, kind.Title + ".")).ExecuteAsync(context);
    }

    private static void Configure(ForwardedHeadersOptions headers, ForwardingOptions forwarding)
    {
        // To the framework, empty lists mean "trust everyone" and its defaults "trust loopback"; here unset means to trust none.
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var proxy in forwarding.KnownProxies)
            headers.KnownProxies.Add(IPAddress.Parse(proxy));
        foreach (var network in forwarding.KnownNetworks)
            headers.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        headers.ForwardedHeaders = headers.KnownProxies.Count + headers.KnownIPNetworks.Count > 0
            ? ForwardedHeaders.All
            : ForwardedHeaders.None;
        headers.ForwardLimit = forwarding.ForwardLimit;
    }
}
