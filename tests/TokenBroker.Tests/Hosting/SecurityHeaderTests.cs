using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Tests.Hosting;

public sealed class SecurityHeaderTests
{
    [Theory]
    [InlineData("POST", "/orgs/octo-org/actions/runners/registration-token", "a token")]
    [InlineData("POST", "/orgs/octo-two/actions/runners/registration-token", "a refusal")]
    [InlineData("GET", "/nowhere", "no path of ours")]
    [InlineData("GET", "/livez", "a health page")]
    public async Task Every_answer_is_data_and_no_page(string method, string path, string what)
    {
        await using var broker = await TestBroker.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        using var response = await broker.Client.SendAsync(request);
        Assert.True(Header(response, "Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'", what);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(response, "Cross-Origin-Resource-Policy"));
    }

    [Theory]
    [InlineData("/swagger/index.html")]
    [InlineData("/swagger/index.js")]
    [InlineData("/swagger/v1/swagger.json")]
    public async Task The_page_may_run_its_own_scripts_and_cannot_be_framed(string path)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.Client.GetAsync(path);
        var policy = Header(response, "Content-Security-Policy").Split(';', StringSplitOptions.TrimEntries);
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("script-src 'self'", policy);
        Assert.Contains("connect-src 'self'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
    }

    /// <summary>As SECURITY.md lists them: the server knows of no request then, so nothing of ours is asked.</summary>
    [Theory]
    [InlineData("GET /livez HTTP/1.1\r\n\r\n", 400, "no host")]
    [InlineData("GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "a host that is none")]
    [InlineData("GET http://one.example/livez HTTP/1.1\r\nHost: another.example\r\n\r\n", 400, "two hosts")]
    [InlineData("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a null in the path")]
    [InlineData("GET /livez HTTP/9.9\r\nHost: a\r\n\r\n", 505, "a version that there is not")]
    [InlineData("GET /livez HTTP/1.1\r\nHost: a\r\nX: {24 kB}\r\n\r\n", 431, "headers that are too long")]
    [InlineData("GET /{24 kB} HTTP/1.1\r\nHost: a\r\n\r\n", 414, "an address that is too long")]
    public async Task Malformed_HTTP_is_refused_without_them(string request, int status, string what)
    {
        await using var broker = await TestBroker.StartAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var client = new TcpClient();
        await client.ConnectAsync(broker.Address.Host, broker.Address.Port, deadline.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(request.Replace("{24 kB}", new string('x', 24 * 1024), StringComparison.Ordinal)),
            deadline.Token);

        var lines = await ReadAllAsync(stream, deadline.Token);
        Assert.StartsWith($"HTTP/1.1 {status} ", lines, StringComparison.Ordinal);
        Assert.Contains("\r\nContent-Length: 0\r\n", lines, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Request-Id", lines, StringComparison.OrdinalIgnoreCase);
        Assert.False(lines.Contains("nosniff", StringComparison.Ordinal), what);
    }

    // The server may close before it has read all that was sent; then the answer ends with a reset.
    private static async Task<string> ReadAllAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var (answer, length) = (new byte[4096], 0);
        try
        {
            while (await stream.ReadAsync(answer.AsMemory(length), cancellationToken) is > 0 and var read)
                length += read;
        }
        catch (IOException) when (length > 0)
        {
        }

        return Encoding.ASCII.GetString(answer, 0, length);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
