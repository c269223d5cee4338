using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Tests.Caching.Redis;

/// <summary>
/// What speaks Redis' protocol and answers scripts as it likes, where no real Redis would. It takes a byte for a letter.
/// See https://redis.io/docs/latest/develop/reference/protocol-spec/
/// </summary>
internal sealed class OddRedis : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, string> values = new(StringComparer.Ordinal);
    private readonly Func<IReadOnlyList<string>, string> script;
    private readonly Task accepting;
    private int scripts;

    /// <param name="script">The answer to a script as it goes over the wire, by the words of its command.</param>
    public OddRedis(Func<IReadOnlyList<string>, string> script)
    {
        this.script = script;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>How many scripts it was asked to run.</summary>
    public int Scripts => Volatile.Read(ref scripts);

    public string Address => listener.LocalEndpoint.ToString()!;

    public static string Bulk(string text) => string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");

    public static string List(params IReadOnlyList<string> items) =>
        string.Create(CultureInfo.InvariantCulture, $"*{items.Count}\r\n{string.Concat(items)}");

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await accepting;
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        var stream = client.GetStream();
        try
        {
            using var reader = new StreamReader(stream, Encoding.Latin1);
            while (await ReadAsync(reader) is { } words)
                await stream.WriteAsync(Encoding.Latin1.GetBytes(Answer(words)), stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The test is over, or the broker has gone.
        }
    }

    private async Task<IReadOnlyList<string>?> ReadAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync(stopping.Token) is not { Length: > 0 } count)
            return null;
        var words = new string[int.Parse(count.AsSpan(1), CultureInfo.InvariantCulture)];
        for (var word = 0; word < words.Length; word++)
        {
            var length = int.Parse((await reader.ReadLineAsync(stopping.Token)).AsSpan(1), CultureInfo.InvariantCulture);
            var content = new char[length + 2];
            await reader.ReadBlockAsync(content, stopping.Token);
            words[word] = new string(content, 0, length);
        }

        return words;
    }

    private string Answer(IReadOnlyList<string> words)
    {
        switch (words[0].ToUpperInvariant())
        {
            case "EVAL" or "EVALSHA":
                Interlocked.Increment(ref scripts);
                return script(words);
            case "SET" or "SETEX" or "PSETEX":
                values[words[1]] = words[words[0].Length > 3 ? 3 : 2];
                return "+OK\r\n";
            case "GET":
                return values.TryGetValue(words[1], out var value) ? Bulk(value) : "$-1\r\n";
            case "CLIENT" or "SELECT":
                return "+OK\r\n";
            case "PING":
                return words.Count > 1 ? Bulk(words[1]) : "+PONG\r\n";
            case "ECHO":
                return Bulk(words[1]);
            case "INFO":
                return Bulk("redis_version:7.2.0\r\nredis_mode:standalone\r\nrole:master\r\n");
            case "CONFIG":
                return List();
            case "DEL" or "ZREM" or "PUBLISH":
                return ":0\r\n";
            case "SUBSCRIBE":
                return List(Bulk("subscribe"), Bulk(words[1]), ":1\r\n");
            default:
                return "-ERR unknown command\r\n";
        }
    }
}
