using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Sandbox.Issuer;

/// <summary>Serves one public document, or fails at it.</summary>
internal sealed class IssuerEndpoint(
    string path, string mediaType, Func<HttpContext, SandboxIssuerFault, JsonObject> document) : IDisposable
{
    private const int OversizedBy = 300 * 1024;

    private readonly Lock gate = new();
    private CancellationTokenSource changed = new();
    private SandboxIssuerFault fault;
    private int fetches;

    public int Fetches => Volatile.Read(ref fetches);

    public SandboxIssuerFault Fault
    {
        get
        {
            lock (gate)
                return fault;
        }

        set
        {
            lock (gate)
                fault = value;
            Release();
        }
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(path, CountAndServeAsync);
        routes.MapGet("/elsewhere" + path, context => WriteAsync(context, SandboxIssuerFault.None));
    }

    /// <summary>Lets go of requests that hang: those that waited are cut off.</summary>
    public void Release()
    {
        CancellationTokenSource before;
        lock (gate)
        {
            before = changed;
            changed = new CancellationTokenSource();
        }

        before.Cancel();
        before.Dispose();
    }

    public void Dispose() => changed.Dispose();

    private async Task CountAndServeAsync(HttpContext context)
    {
        Interlocked.Increment(ref fetches);
        switch (Fault)
        {
            case SandboxIssuerFault.Down:
                context.Abort();
                break;
            case SandboxIssuerFault.Hang:
                await HangAsync(context);
                break;
            case SandboxIssuerFault.ServerError:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                break;
            case SandboxIssuerFault.Redirect:
                context.Response.Redirect("/elsewhere" + path);
                break;
            case var other:
                await WriteAsync(context, other);
                break;
        }
    }

    private async Task HangAsync(HttpContext context)
    {
        var let = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken change;
        lock (gate)
            change = fault == SandboxIssuerFault.Hang ? changed.Token : new CancellationToken(canceled: true);
        await using (change.Register(() => let.TrySetResult()))
        await using (context.RequestAborted.Register(() => let.TrySetResult()))
            await let.Task;
        context.Abort();
    }

    private async Task WriteAsync(HttpContext context, SandboxIssuerFault present)
    {
        // As a Kubernetes API server does: a client must accept the document's own media type.
        var accepted = context.Request.GetTypedHeaders().Accept;
        if (accepted.Count > 0 && !accepted.Any(range => new MediaTypeHeaderValue(mediaType).IsSubsetOf(range)))
        {
            context.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }

        var body = document(context, present);
        if (present == SandboxIssuerFault.Oversized)
            body["padding"] = new string('x', OversizedBy);
        context.Response.ContentType = mediaType;
        await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
