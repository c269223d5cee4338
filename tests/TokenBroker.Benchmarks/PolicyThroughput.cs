using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Benchmarks;

/// <summary>
/// Requests a second for a token that is cached, with really signed JWTs, over sockets: 10 policies against 1,000, in turns, so that what
/// else the machine does falls on both alike.
/// </summary>
internal static class PolicyThroughput
{
    private const int Few = 10;
    private const int Many = 1000;
    private const int Connections = 8;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var isDry = arguments.Contains("--dry", StringComparer.Ordinal);
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        Console.WriteLine($"{"policies",-12} {Few,8} /s {Many,8} /s   ratio of medians");
        foreach (var shape in isDry ? [PolicyShape.Literal] : Enum.GetValues<PolicyShape>())
            Console.WriteLine(await MeasureAsync(gitHub, issuer, shape, isDry ? (1, TimeSpan.FromMilliseconds(100)) : (15, TimeSpan.FromMilliseconds(500))));
        return 0;
    }

    private static async Task<string> MeasureAsync(SandboxGitHub gitHub, SandboxIssuer issuer, PolicyShape shape, (int Count, TimeSpan Length) turns)
    {
        await using var few = await ThroughputBroker.StartAsync(gitHub, issuer, shape, Few);
        await using var many = await ThroughputBroker.StartAsync(gitHub, issuer, shape, Many);
        var fewRequests = Requests(issuer, Few);
        var manyRequests = Requests(issuer, Many);

        // Until the code is compiled and the token cached.
        await RateAsync(few, fewRequests, turns.Length * 4);
        await RateAsync(many, manyRequests, turns.Length * 4);

        List<double> ofFew = [], ofMany = [];
        for (var turn = 0; turn < turns.Count; turn++)
        {
            ofFew.Add(await RateAsync(few, fewRequests, turns.Length));
            ofMany.Add(await RateAsync(many, manyRequests, turns.Length));
        }

        return $"{shape,-12} {Median(ofFew),11:N0} {Median(ofMany),11:N0}   {Median(ofMany) / Median(ofFew):P0}";
    }

    private static List<byte[]> Requests(SandboxIssuer issuer, int policies) =>
    [
        .. Enumerable.Range(0, 64).Select(caller => Encoding.ASCII.GetBytes(
            $"POST /orgs/octo-org/actions/runners/registration-token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nAuthorization: Bearer {issuer.Sign(PolicyShapes.Claims(caller * policies / 64))}\r\n\r\n")),
    ];

    private static async Task<double> RateAsync(ThroughputBroker broker, List<byte[]> requests, TimeSpan length)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Run(() => AskAsync(broker.Address, requests, connection, started, length))));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Bare sockets, so that little of what is measured is the caller's own work.
    private static async Task<int> AskAsync(Uri address, List<byte[]> requests, int first, long started, TimeSpan length)
    {
        using var deadline = new CancellationTokenSource(length + LongestAnswer);
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, deadline.Token);
        var stream = client.GetStream();
        var buffer = new byte[16 * 1024];
        var count = 0;
        while (Stopwatch.GetElapsedTime(started) < length)
        {
            await stream.WriteAsync(requests[(first + count) % requests.Count], deadline.Token);
            var filled = 0;
            while (!IsWhole(buffer.AsSpan(0, filled)))
            {
                var read = await stream.ReadAsync(buffer.AsMemory(filled), deadline.Token);
                if (read == 0)
                    throw new InvalidOperationException("The broker closed the connection.");
                filled += read;
            }

            if (!buffer.AsSpan().StartsWith("HTTP/1.1 201 "u8))
                throw new InvalidOperationException($"The broker refused: {Encoding.ASCII.GetString(buffer, 0, 12)}");
            count++;
        }

        return count;
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var head = Encoding.ASCII.GetString(answer[..end]);
        var at = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        return at < 0
            ? answer.EndsWith("\r\n0\r\n\r\n"u8)
            : answer.Length >= end + 4 + int.Parse(head.AsSpan(at + 16).TrimStart().ToString().Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
