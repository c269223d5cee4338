using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using TokenBroker.Swagger;

namespace TokenBroker.Tests.Swagger;

public sealed class SwaggerTests
{
    private const string Accept = "ACCEPT_SWAGGER";
    private const string Document = "/swagger/v1/swagger.json";

    /// <summary>A change of the API is a difference that somebody reads: with ACCEPT_SWAGGER=1 the test writes the new document.</summary>
    [Fact]
    public async Task The_document_is_the_one_that_was_read()
    {
        await using var broker = await TestBroker.StartAsync();
        var document = JsonNode.Parse(await broker.Client.GetStringAsync(Document))!.ToString().ReplaceLineEndings("\n") + "\n";
        var path = Path.Combine(SourceFolder(), "swagger.json");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            await File.WriteAllTextAsync(path, document);
        Assert.Equal(await File.ReadAllTextAsync(path), document);
    }

    [Fact]
    public async Task The_page_is_for_everyone()
    {
        await using var broker = await TestBroker.StartAsync();
        using var redirect = await broker.Client.GetAsync("/swagger");
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
        using var page = await broker.Client.GetAsync("/swagger/index.html");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    /// <summary>They need no JWT, and a request that is read slowly is in flight for as long.</summary>
    [Fact]
    public async Task Slow_readers_of_the_page_hold_few_slots_and_not_for_long()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await broker.SendAsync("POST", "/orgs/octo-org/actions/runners/registration-token")).Is(201);
        var readers = new List<Socket>();
        try
        {
            for (var reader = 0; reader < PageSlots.Most; reader++)
                readers.Add(await ReadSlowlyAsync(broker.Address, "/swagger/swagger-ui-bundle.js"));

            // On a busy machine the server has dropped the first readers for their rate before the last have come.
            await Eventually.IsTrueAsync(
                async () =>
                {
                    if (await StatusAsync("/swagger/index.html") == HttpStatusCode.ServiceUnavailable)
                        return true;
                    readers.Add(await ReadSlowlyAsync(broker.Address, "/swagger/swagger-ui-bundle.js"));
                    return false;
                },
                "all slots were taken");
            (await broker.SendAsync("POST", "/orgs/octo-org/actions/runners/registration-token")).Is(201);

            broker.Clock!.Advance(TimeSpan.FromSeconds(31));
            await Eventually.IsTrueAsync(async () => await StatusAsync("/swagger/index.html") == HttpStatusCode.OK, "they were free again");
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
        }

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var answer = await broker.Client.GetAsync(path);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task The_document_is_made_once_and_not_sent_to_clients_that_have_it()
    {
        await using var broker = await TestBroker.StartAsync();
        using var first = await GetAsync(broker, Document);
        var entityTag = first.Headers.ETag!;
        Assert.False(entityTag.IsWeak);
        Assert.Equal("application/json; charset=utf-8", first.Content.Headers.ContentType!.ToString());

        using var again = await GetAsync(broker, Document, entityTag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(entityTag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());

        using var other = await GetAsync(broker, Document, new EntityTagHeaderValue("\"another\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(Document)]
    [InlineData("/swagger/index.html")]
    [InlineData("/swagger/swagger-ui-bundle.js")]
    [InlineData("/swagger/no-such-file")]
    public async Task Requests_for_the_page_are_counted_by_their_address(string path)
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        for (var time = 0; time < RateLimitedBroker.Burst; time++)
        {
            using var answer = await GetAsync(broker, Document);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        (await broker.SendAsync("GET", path, change: request => request.As(jwt: null))).IsLimited("address");
        (await broker.GetCallerAsync()).Is(200);
        using var livez = await GetAsync(broker, "/livez");
        using var readyz = await GetAsync(broker, "/readyz");
        Assert.True(livez.IsSuccessStatusCode && readyz.IsSuccessStatusCode);
    }

    [Theory]
    [InlineData(Document)]
    [InlineData("/swagger")]
    [InlineData("/swagger/index.html")]
    [InlineData("/swagger/swagger-ui.css")]
    public async Task Switched_off_there_is_neither_page_nor_document(string path)
    {
        await using var broker =
            await TestBroker.StartAsync((configuration, _) => configuration["Swagger"] = new JsonObject { ["Enabled"] = false });
        (await broker.SendAsync("GET", path, change: request => request.As(jwt: null))).IsFailure(401, "unauthenticated");
        (await broker.SendAsync("GET", path)).IsFailure(404, "unknown-path");
    }

    [Theory]
    [InlineData("/swagger/index.html", "text/html;charset=utf-8")]
    [InlineData("/swagger/index.js", "application/javascript;charset=utf-8")]
    [InlineData("/swagger/swagger-ui-bundle.js", "text/javascript")]
    [InlineData("/swagger/swagger-ui.css", "text/css")]
    public async Task The_files_of_the_page_are_sent_compressed_or_as_304(string path, string type)
    {
        await using var broker = await TestBroker.StartAsync();
        using var plain = await GetAsync(broker, path);
        using var unpacking = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip })
        {
            BaseAddress = broker.Address,
        };
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal(type, plain.Content.Headers.ContentType!.ToString().Replace("; ", ";", StringComparison.Ordinal));
        Assert.Equal("no-cache, private", plain.Headers.CacheControl!.ToString());
        Assert.Contains("script-src 'self'", plain.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var content = await plain.Content.ReadAsByteArrayAsync();
        for (var time = 0; time < 2; time++)
        {
            using var again = await GetAsync(broker, path);
            Assert.Equal(content, await again.Content.ReadAsByteArrayAsync());
            Assert.Equal(content, await unpacking.GetByteArrayAsync(path));
        }

        using var known = await GetAsync(broker, path, plain.Headers.ETag);
        Assert.Equal(plain.Headers.ETag is null ? HttpStatusCode.OK : HttpStatusCode.NotModified, known.StatusCode);
    }

    private static async Task<HttpResponseMessage> GetAsync(TestBroker broker, string path, EntityTagHeaderValue? known = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (known is not null)
            request.Headers.IfNoneMatch.Add(known);
        return await broker.Client.SendAsync(request);
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    // On a network of small packets the system takes little of the answer in place of the client that does not read.
    private static async Task<Socket> ReadSlowlyAsync(Uri broker, string path)
    {
        const int LargestSegment = 2;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 2048 };
        socket.SetRawSocketOption((int)ProtocolType.Tcp, LargestSegment, BitConverter.GetBytes(1400));
        await socket.ConnectAsync(broker.Host, broker.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: broker\r\n\r\n"));
        return socket;
    }
}
