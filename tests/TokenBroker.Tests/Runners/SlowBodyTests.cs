using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Tests.Runners;

/// <summary>A request is answered in its 15 seconds, however slowly it comes.</summary>
public sealed class SlowBodyTests
{
    [Theory]
    [InlineData("Content-Length: 60000\r\n\r\n{")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")]
    public async Task A_body_that_does_not_come_is_408(string rest)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Address.Host, broker.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /orgs/octo-org/actions/runners/generate-jitconfig HTTP/1.1\r\nHost: "
                + $"broker\r\nAuthorization: Bearer {broker.Issuer.Sign()}\r\n{rest}"));

        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await broker.RunAsync(reader.ReadLineAsync()));
    }

    /// <summary>What a stranger sends is not kept in memory while the rest of it does not come.</summary>
    [Theory]
    [InlineData("/livez", "HTTP/1.1 413 Payload Too Large")]
    [InlineData("/readyz", "HTTP/1.1 413 Payload Too Large")]
    [InlineData("/swagger/v1/swagger.json", "HTTP/1.1 413 Payload Too Large")]
    [InlineData("/nowhere", "HTTP/1.1 401 Unauthorized")]
    public async Task An_unread_body_is_not_waited_for(string path, string expected)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Address.Host, broker.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: broker\r\nContent-Length: 60000\r\n\r\n{{"));
        using var reader = new StreamReader(stream);
        Assert.Equal(expected, await reader.ReadLineAsync());
    }
}
