using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TokenBroker.FaultTests;

/// <summary>Takes what a broker sends by OTLP over HTTP, and keeps it as it came. Names and texts stand in it in clear.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly ConcurrentQueue<(string Signal, byte[] Content)> messages = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.MapPost("/v1/{signal}", TakeAsync);
    }

    /// <summary>What makes a broker send everything here, soon.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", application.Urls.Single()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
    ];

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver.application.StartAsync();
        return receiver;
    }

    /// <summary>Whether a text stands in what came of a signal: metrics, traces or logs.</summary>
    public bool Holds(string signal, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return messages.Any(message => message.Signal == signal && message.Content.AsSpan().IndexOf(bytes) >= 0);
    }

    public async ValueTask DisposeAsync() => await application.DisposeAsync();

    private async Task TakeAsync(string signal, HttpRequest request)
    {
        using var content = new MemoryStream();
        await request.Body.CopyToAsync(content, request.HttpContext.RequestAborted);
        messages.Enqueue((signal, content.ToArray()));
        request.HttpContext.Response.ContentType = "application/x-protobuf";
    }
}
