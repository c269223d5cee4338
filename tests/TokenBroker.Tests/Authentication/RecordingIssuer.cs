using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>
/// Serves discovery and keys of one key, leads wherever a test says, and keeps what credential it was shown at each path.
/// </summary>
internal sealed class RecordingIssuer : IAsyncDisposable
{
    private readonly WebApplication server;

    private RecordingIssuer(SandboxSigningKey key)
    {
        Key = key;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        server = builder.Build();
        server.Run(AnswerAsync);
    }

    public SandboxSigningKey Key { get; }

    public string Address => server.Urls.Single();

    /// <summary>What its discovery says of where the keys are; by default they are here.</summary>
    public string? KeysAddress { get; set; }

    /// <summary>Where its keys' path redirects to; null for nowhere.</summary>
    public string? KeysRedirect { get; set; }

    /// <summary>The path of each request, and its <c>Authorization</c>.</summary>
    public ConcurrentQueue<(string Path, string Authorization)> Requests { get; } = new();

    public static async Task<RecordingIssuer> StartAsync(SandboxSigningKey? key = null)
    {
        var issuer = new RecordingIssuer(key ?? SandboxSigningKey.Create(SandboxSigningKey.Es256));
        await issuer.server.StartAsync();
        return issuer;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue((path, context.Request.Headers.Authorization.ToString()));
        if (path != "/.well-known/openid-configuration" && KeysRedirect is { } target)
        {
            context.Response.Redirect(target);
            return Task.CompletedTask;
        }

        JsonObject document = path == "/.well-known/openid-configuration"
            ? new() { ["issuer"] = Address, ["jwks_uri"] = KeysAddress ?? Address + "/jwks" }
            : new() { ["keys"] = new JsonArray(Key.ToJwk()) };
        return context.Response.WriteAsync(document.ToJsonString());
    }
}
