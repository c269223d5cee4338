using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

/// <summary>
/// Serves the metrics for Prometheus to scrape, from a separate server: the API's addresses stay as they are configured, nothing of the API
/// answers here, and scrapes are neither measured nor traced.
/// </summary>
internal sealed partial class MetricsPage(
    IOptions<MetricsPageOptions> options,
    IConfiguration configuration,
    IMeterFactory meters,
    TelemetryResource resource,
    TimeProvider clock,
    IServiceProvider services,
    ILoggerFactory loggers,
    ILogger<MetricsPage> logger) : IHostedService, IDisposable
{
    private const long LargestBody = 64 * 1024;
    private const int MostConnections = 32;

    // How long silent connections can keep a scrape out. A Prometheus that scrapes less often reconnects.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(5);
    private const int LargestPage = 16 * 1024 * 1024;

    // Scrapes within the first time get the same page; a scrape that is not read delays the next one by the second at most.
    private const int PageLifeMilliseconds = 300;
    private const int LongestReadingMilliseconds = 5000;
    private static readonly TimeSpan LongestStop = TimeSpan.FromMilliseconds(500);

    private MeterProvider? metrics;
    private KestrelServer? server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        metrics = BuildMetrics();
        var page = new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(
                metrics, predicate: _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
            .Build();
        server = new KestrelServer(
            Options.Create(Limit(new KestrelServerOptions { ApplicationServices = services })),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers),
            loggers);
        try
        {
            await server.StartAsync(new Application(page), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new StartupFaultException(
                $"{MetricsPageOptions.Section}:{nameof(MetricsPageOptions.Port)}: cannot listen on {Where}: {exception.Message}");
        }

        Log.Started(logger, Where);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // The host waits for callers at shutdown; a scrape is not worth waiting for.
        using var deadline = new CancellationTokenSource(LongestStop, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        if (server is not null)
            await server.StopAsync(either.Token);
    }

    public void Dispose()
    {
        server?.Dispose();
        metrics?.Dispose();
    }

    private string Where => options.Value.Address is { } address
        ? new IPEndPoint(IPAddress.Parse(address), options.Value.Port!.Value).ToString()
        : string.Create(CultureInfo.InvariantCulture, $"*:{options.Value.Port}");

    private MeterProvider BuildMetrics() => Sdk.CreateMeterProviderBuilder()
        .ConfigureServices(own => own.AddSingleton(configuration).AddSingleton(meters))
        .ConfigureResource(resource.Describe)
        .AddBrokerMeters()
        .AddPrometheusExporter(prometheus =>
        {
            // Pushed metrics have no such labels, and the same alerts and dashboards serve both.
            prometheus.ScopeInfoEnabled = false;
            prometheus.ScrapeResponseCacheDurationMilliseconds = PageLifeMilliseconds;
            prometheus.ScrapeResponseTimeoutMilliseconds = LongestReadingMilliseconds;
            prometheus.MaxScrapeResponseSizeBytes = LargestPage;
        })
        .Build();

    private KestrelServerOptions Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.KeepAliveTimeout = LongestIdle;
        kestrel.Limits.RequestHeadersTimeout = LongestIdle;
        kestrel.Limits.MaxRequestBodySize = LargestBody;
        if (options.Value.Address is { } address)
            kestrel.Listen(IPAddress.Parse(address), options.Value.Port!.Value, listen => listen.Protocols = HttpProtocols.Http1);
        else
            kestrel.ListenAnyIP(options.Value.Port!.Value, listen => listen.Protocols = HttpProtocols.Http1);
        return kestrel;
    }

    private sealed class Application(RequestDelegate page) : IHttpApplication<HttpContext>
    {
        private const string Path = "/metrics";

        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context)
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            if (context.Request.Path.Value != Path)
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (!HttpMethods.IsGet(context.Request.Method))
                (context.Response.StatusCode, context.Response.Headers.Allow) = (StatusCodes.Status405MethodNotAllowed, HttpMethods.Get);
            else if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            else
                return page(context);
            return Task.CompletedTask;
        }

        public void DisposeContext(HttpContext context, Exception? exception) { }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The metrics are at http://{Where}/metrics")]
        public static partial void Started(ILogger logger, string where);
    }
}
