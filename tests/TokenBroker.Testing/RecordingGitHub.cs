using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.Testing;

/// <summary>
/// Stands before the sandbox's GitHub: keeps what was sent as it was sent, and answers in its place where a test says so.
/// </summary>
internal sealed class RecordingGitHub : IAsyncDisposable
{
    private readonly ConcurrentQueue<Sent> requests = new();
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly WebApplication server;
    private Uri? target;

    private RecordingGitHub()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        server = builder.Build();
        server.Run(AnswerAsync);
    }

    public IReadOnlyCollection<Sent> Requests => requests;

    /// <summary>
    /// Requests whose path ends so get nothing: their connection is closed in good order, as a load balancer does with one that has
    /// been idle.
    /// </summary>
    public string? ClosesOn { get; set; }

    /// <summary>What to answer to a request whose path ends so, in place of GitHub.</summary>
    public ConcurrentDictionary<string, (int Status, string Body)> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>A broker whose GitHub this one stands before, with the system's clock unless there is another.</summary>
    public static async Task<(RecordingGitHub GitHub, TestBroker Broker)> StartAsync(string path = "", ManualClock? clock = null)
    {
        var github = new RecordingGitHub();
        await github.server.StartAsync();
        var broker = await TestBroker.StartAsync(
            (configuration, host) =>
            {
                github.target = host.GitHub.Address;
                configuration["GitHub"]!["ApiUrl"] = github.server.Urls.Single() + path;
            },
            clock);
        return (github, broker);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        client.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var headers = context.Request.Headers.ToDictionary(
            header => header.Key,
            header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        var path = context.Request.Path.Value!;
        requests.Enqueue(new Sent(context.Request.Method, path, headers, body));
        if (ClosesOn is { } closesOn && path.EndsWith(closesOn, StringComparison.Ordinal))
        {
            context.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Both);
            context.Abort();
            return;
        }

        if (Answers.FirstOrDefault(answer => path.EndsWith(answer.Key, StringComparison.Ordinal)) is { Key: not null } scripted)
        {
            context.Response.StatusCode = scripted.Value.Status;
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(scripted.Value.Body);
            return;
        }

        try
        {
            await ForwardAsync(context, path, headers, body);
        }
        catch (HttpRequestException)
        {
            // GitHub cut the connection, so this one is cut too.
            context.Abort();
        }
    }

    private async Task ForwardAsync(HttpContext context, string path, Dictionary<string, string> headers, string body)
    {
        using var forwarded = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target!, path));
        foreach (var (name, value) in headers.Where(header => header.Key is "Authorization" or "User-Agent" or "Accept"))
            forwarded.Headers.TryAddWithoutValidation(name, value);
        if (body.Length > 0)
            forwarded.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(forwarded);
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        foreach (var (name, values) in answer.Headers.NonValidated)
        {
            // Its Date above all: the broker takes GitHub's time from it.
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
                context.Response.Headers[name] = values.ToString();
        }

        await context.Response.WriteAsync(await answer.Content.ReadAsStringAsync());
    }

    internal sealed record Sent(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
    {
        public string Authorization => Headers["Authorization"];
    }
}
