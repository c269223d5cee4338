using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.FaultTests;

/// <summary>Whatever strangers send, all at once: the broker goes on answering who asks whether it lives, and callers.</summary>
public sealed class StrangerTests(ITestOutputHelper output)
{
    private const int Strangers = 120;
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Served = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0, "nobody is limited, as if each came from an address of its own")]
    [InlineData(120, "all come from one address")]
    public async Task A_hundred_and_twenty_requests_of_any_kind_delay_no_other_request(int perMinute, string how)
    {
        await using var replicas = await Replicas.StartAsync(1, redis: null, configure: (configuration, _) =>
            configuration["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = perMinute });
        using var strangers = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Strangers, AllowAutoRedirect = false })
        {
            BaseAddress = replicas.Clients[0].BaseAddress,
            Timeout = TimeSpan.FromSeconds(30),
        };
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0)).Status);
        output.WriteLine($"{Strangers} at once; {how}");
        output.WriteLine("| what | /livez | a cached token | all of them |");
        output.WriteLine("| --- | --- | --- | --- |");

        foreach (var kind in Kinds(replicas.Issuer))
        {
            var started = Stopwatch.GetTimestamp();
            var all = Task.WhenAll(Enumerable.Range(0, Strangers).Select(number => SendAsync(strangers, kind, number)));
            var (alive, served) = (TimeSpan.Zero, TimeSpan.Zero);
            do
            {
                var probes = await Task.WhenAll(
                    replicas.AliveAsync(0),
                    ServedAsync(replicas, number: (int)(Stopwatch.GetTimestamp() % 1_000_000)));
                (alive, served) = (
                    TimeSpan.FromTicks(Math.Max(alive.Ticks, probes[0].Ticks)),
                    TimeSpan.FromTicks(Math.Max(served.Ticks, probes[1].Ticks)));
            }
            while (!all.IsCompleted);

            var answers = await all;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {kind.Name} | {alive.TotalMilliseconds:F0} ms | {served.TotalMilliseconds:F0} ms "
                    + $"| {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms |"));
            Assert.All(answers, answer => Assert.True(
                kind.Answers.Contains(answer) || (perMinute > 0 && kind.IsLimited && answer == 429),
                $"{kind.Name}: {answer}"));
            Assert.True(alive < Alive, $"{kind.Name}: /livez took {alive}");
            Assert.True(served < Served, $"{kind.Name}: a cached token took {served}");
        }
    }

    private static IEnumerable<Kind> Kinds(SandboxIssuer issuer)
    {
        var stranger = SandboxSigningKey.Create();
        var known = new { kid = issuer.SigningKey.KeyId };
        var long15 = issuer.Sign(new { padding = new string('x', 11_000) }, known, stranger);
        Assert.InRange(long15.Length, 15_000, 16_384);
        var ofNobody = issuer.Sign(new { iss = "https://stranger.example" }, header: null, stranger);
        var unknown = Enumerable.Range(0, Strangers)
            .Select(number => issuer.Sign(header: new { kid = "unknown-" + number.ToString(CultureInfo.InvariantCulture) }, key: stranger))
            .ToList();
        return
        [
            new("the document, which nobody has asked for before", "/swagger/v1/swagger.json", 200),
            new("the document", "/swagger/v1/swagger.json", 200),
            new("the page", "/swagger/index.html", 200),
            new("the page's script of 1.7 MB", "/swagger/swagger-ui-bundle.js", 200),
            new("no JWT", "/caller", 401),
            new("an unknown path", "/no/such/path", 401),
            new("garbage", "/caller", 401) { Jwt = _ => "garbage" },
            new("15 kB of garbage", "/caller", 401) { Jwt = _ => new string('a', 7_500) + "." + new string('a', 7_400) + ".a" },
            new("a JWT of 15 kB by a stranger under a known kid", "/caller", 401) { Jwt = _ => long15 },
            new("20 kB", "/caller", 401) { Jwt = _ => new string('a', 20_000) },

            // The server has read enough by then, and closes.
            new("30 kB", "/caller", 431, 0) { Jwt = _ => new string('a', 30_000), IsLimited = false },
            new("1 MB", "/caller", 431, 0) { Jwt = _ => new string('a', 1_000_000), IsLimited = false },

            // None is refused before the keys were asked for since it came.
            new("kids that nobody knows", "/caller", 401, 503) { Jwt = number => unknown[number] },
            new("an issuer that nobody knows", "/caller", 401) { Jwt = _ => ofNobody },
            new("/readyz", "/readyz", 200) { IsLimited = false },
        ];
    }

    private static async Task<int> SendAsync(HttpClient client, Kind kind, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, kind.Path);
        if (kind.Jwt is { } jwt)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + jwt(number));
        try
        {
            // Read and thrown away: what this process would spend on keeping it, the broker on the same cores lacks.
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await response.Content.CopyToAsync(Stream.Null);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static async Task<TimeSpan> ServedAsync(Replicas replicas, int number)
    {
        var answer = await replicas.AskAsync(
            0,
            jwt: replicas.Issuer.Sign(new { sub = "vm-" + number.ToString(CultureInfo.InvariantCulture) }));
        Assert.Equal((HttpStatusCode.Created, true), (answer.Status, answer.IsHit));
        return answer.Elapsed;
    }

    /// <summary>What a stranger sends.</summary>
    private sealed record Kind(string Name, string Path, params int[] Answers)
    {
        public Func<int, string>? Jwt { get; init; }

        public bool IsLimited { get; init; } = true;
    }
}
