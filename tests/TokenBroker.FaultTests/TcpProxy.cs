using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TokenBroker.FaultTests;

/// <summary>Stands between the brokers and Redis, to delay what is sent or to stop forwarding it while connections look sound.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ending = new();
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly int target;
    private readonly Task accepting;

    public TcpProxy(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>How long each piece of data is held up, in each direction.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Whether data is swallowed: connections stay open and nothing comes through.</summary>
    public bool Swallows { get; set; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
        foreach (var socket in sockets)
            socket.Dispose();
        await accepting;
        ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync(ending.Token);
                var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                near.NoDelay = true;
                sockets.Add(near);
                sockets.Add(far);
                _ = ForwardBothAsync(near, far);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ForwardBothAsync(Socket near, Socket far)
    {
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, target, ending.Token);
            await Task.WhenAny(ForwardAsync(near, far), ForwardAsync(far, near));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Redis is away, or the test is over.
        }
        finally
        {
            near.Dispose();
            far.Dispose();
        }
    }

    private async Task ForwardAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var read = await from.ReceiveAsync(buffer, ending.Token);
            if (read == 0)
                return;

            // What is swallowed is not lost for good, as TCP would send it again: it comes when the way is free.
            while (Swallows)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ending.Token);
            if (Delay > TimeSpan.Zero)
                await Task.Delay(Delay, TimeProvider.System, ending.Token);
            await to.SendAsync(buffer.AsMemory(0, read), ending.Token);
        }
    }
}
