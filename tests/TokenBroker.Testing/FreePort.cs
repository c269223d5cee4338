using System.Net;
using System.Net.Sockets;

namespace TokenBroker.Testing;

/// <summary>
/// Ports for what must be told its port before it starts. None is of those that the system gives to everyone else meanwhile.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;
    private static int last = (int)(Environment.TickCount64 * 31 % Count);

    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref last) % Count);
            using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
