using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Sandbox;

/// <summary>A Kestrel server that can stop and restart on the same port. By default it listens on loopback.</summary>
internal sealed class LoopbackServer(int port, Action<WebApplication> configure, bool onAllAddresses = false) : IAsyncDisposable
{
    private const long LargestBody = 1024 * 1024;

    private WebApplication? running;

    public int Port { get; private set; } = port;

    public Uri Address => new(FormattableString.Invariant($"http://127.0.0.1:{Port}"));

    /// <summary>The empty builder reads no settings, watches no files and logs nothing: hundreds of these start in one test run.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (running is not null)
            throw new InvalidOperationException("The server is running already.");

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(onAllAddresses ? IPAddress.Any : IPAddress.Loopback, Port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();

        var application = builder.Build();
        try
        {
            configure(application);
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        var addresses = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        Port = new Uri(addresses.Addresses.Single()).Port;
        running = application;
    }

    /// <summary>Gives running requests a moment, then cuts them off. Callers release what they hold on purpose before.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref running, null) is not { } application)
            return;

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), TimeProvider.System);
        try
        {
            await application.StopAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // Disposal below closes what is left.
        }

        await application.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
