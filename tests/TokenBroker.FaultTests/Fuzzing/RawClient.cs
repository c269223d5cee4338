using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.FaultTests.Fuzzing;

/// <summary>Sends bytes to a server and reads what comes back, without any opinion of what a request is.</summary>
internal sealed class RawClient(Uri server) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);
    private TcpClient? connection;

    /// <summary>Sends a request; gives the answer, or null where the server ended the connection without one.</summary>
    public async Task<RawAnswer?> SendAsync(FuzzedRequest request)
    {
        // A connection that was kept may have been closed after what came before.
        var isKept = connection is not null;
        return await SendOnceAsync(request) ?? (isKept ? await SendOnceAsync(request) : null);
    }

    public void Dispose() => Close();

    private async Task<RawAnswer?> SendOnceAsync(FuzzedRequest request)
    {
        using var deadline = new CancellationTokenSource(LongestWait, TimeProvider.System);
        try
        {
            if (connection is null)
            {
                connection = new TcpClient { NoDelay = true };
                await connection.ConnectAsync(server.Host, server.Port, deadline.Token);
            }

            var stream = connection.GetStream();
            await stream.WriteAsync(request.ToBytes(server.Authority), deadline.Token);
            var answer = await ReadAsync(stream, request.Method == "HEAD", deadline.Token);
            if (answer is null || answer.Closes)
                Close();
            return answer;
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The server had read enough, and closed.
            Close();
            return null;
        }
    }

    private static async Task<RawAnswer?> ReadAsync(NetworkStream stream, bool hasNoBody, CancellationToken cancellation)
    {
        var bytes = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var text = Encoding.Latin1.GetString([.. bytes]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var answer = RawAnswer.Parse(text[..end]);
                var needed = end + 4 + (hasNoBody ? 0 : answer.Length);
                if (answer.Status == 100)
                    bytes.RemoveRange(0, end + 4);
                else if (answer.IsChunked ? text.EndsWith("0\r\n\r\n", StringComparison.Ordinal) : bytes.Count >= needed)
                    return answer with
                    {
                        Body = Encoding.UTF8.GetString(answer.IsChunked ? Joined([.. bytes.Skip(end + 4)]) : [.. bytes.Skip(end + 4)]),
                    };
                if (answer.Status == 100)
                    continue;
            }

            var read = await stream.ReadAsync(buffer, cancellation);
            if (read == 0)
                return null;
            bytes.AddRange(buffer.AsSpan(0, read));
        }
    }

    // See https://www.rfc-editor.org/rfc/rfc9112#section-7.1
    private static byte[] Joined(byte[] chunked)
    {
        var whole = new List<byte>();
        for (var at = 0; ;)
        {
            var line = Array.IndexOf(chunked, (byte)'\n', at);
            var length = int.Parse(
                Encoding.ASCII.GetString(chunked, at, line - at).Trim(),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture);
            if (length == 0)
                return [.. whole];
            whole.AddRange(chunked.AsSpan(line + 1, length));
            at = line + 1 + length + 2;
        }
    }

    private void Close()
    {
        connection?.Dispose();
        connection = null;
    }

    /// <summary>An answer.</summary>
    /// <param name="Status">Its status.</param>
    /// <param name="Head">Its headers.</param>
    internal sealed record RawAnswer(int Status, string Head)
    {
        public string Body { get; init; } = "";

        public int Length => Header("Content-Length") is { } length ? int.Parse(length, CultureInfo.InvariantCulture) : 0;

        public bool IsChunked => Header("Transfer-Encoding") == "chunked";

        public bool Closes => string.Equals(Header("Connection"), "close", StringComparison.OrdinalIgnoreCase);

        public static RawAnswer Parse(string head) => new(int.Parse(head.Split(' ', 3)[1], CultureInfo.InvariantCulture), head);

        public string? Header(string name) => Head.Split("\r\n")
            .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
    }
}
