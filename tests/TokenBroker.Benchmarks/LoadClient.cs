using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Benchmarks;

/// <summary>Callers on connections that stay open: bare sockets, so that little of what is measured is their own work.</summary>
internal static class LoadClient
{
    private const int Connections = 8;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    /// <summary>Asks for as long as that, or until there is nothing more to send; throws if any answer is not 201.</summary>
    public static async Task<LoadResult> RunAsync(
        Uri address,
        RequestPool requests,
        TimeSpan length,
        CancellationToken cancellation = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(length + LongestAnswer);
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(
            Enumerable.Range(0, Connections).Select(_ => Task.Run(() => AskAsync(address, requests, started, length, deadline.Token))));
        return new LoadResult(Stopwatch.GetElapsedTime(started), [.. latencies.SelectMany(one => one).Order()]);
    }

    private static async Task<List<TimeSpan>> AskAsync(
        Uri address,
        RequestPool requests,
        long started,
        TimeSpan length,
        CancellationToken cancellation)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, cancellation);
        var stream = client.GetStream();
        var buffer = new byte[16 * 1024];
        var latencies = new List<TimeSpan>();
        while (Stopwatch.GetElapsedTime(started) < length && requests.Next() is { } request)
        {
            var sent = Stopwatch.GetTimestamp();
            await stream.WriteAsync(request, cancellation);
            var filled = 0;
            while (!IsWhole(buffer.AsSpan(0, filled)))
            {
                var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellation);
                if (read == 0)
                    throw new InvalidOperationException("The server closed the connection.");
                filled += read;
            }

            latencies.Add(Stopwatch.GetElapsedTime(sent));
            if (!buffer.AsSpan().StartsWith("HTTP/1.1 201 "u8))
                throw new InvalidOperationException($"The server refused: {Encoding.ASCII.GetString(buffer, 0, 12)}");
        }

        return latencies;
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var at = answer[..end].IndexOf("Content-Length: "u8);
        return at < 0
            ? answer.EndsWith("\r\n0\r\n\r\n"u8)
            : Utf8Parser.TryParse(answer[(at + 16)..end], out int length, out _) && answer.Length >= end + 4 + length;
    }
}
