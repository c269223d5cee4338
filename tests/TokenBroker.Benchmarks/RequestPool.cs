using System.Text;

namespace TokenBroker.Benchmarks;

/// <summary>Requests that are ready to be sent, which all connections take from in turn.</summary>
/// <param name="requests">What to send.</param>
/// <param name="repeats">Whether to begin again at the end; otherwise there is nothing more to send.</param>
internal sealed class RequestPool(IReadOnlyList<byte[]> requests, bool repeats = true)
{
    private long taken;

    /// <summary>The next one; null at the end.</summary>
    public byte[]? Next()
    {
        var index = Interlocked.Increment(ref taken) - 1;
        return repeats || index < requests.Count ? requests[(int)(index % requests.Count)] : null;
    }

    /// <summary>Asks for a registration token of the organization.</summary>
    public static byte[] Compose(string jwt) => Encoding.ASCII.GetBytes(
        $"POST /orgs/octo-org/actions/runners/registration-token HTTP/1.1\r\nHost: "
            + $"localhost\r\nContent-Length: 0\r\nAuthorization: Bearer {jwt}\r\n\r\n");
}
