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

    public static async Task<int> RunAsync(string[] arguments)
    {
        var isDry = arguments.Contains("--dry", StringComparer.Ordinal);
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        Console.WriteLine($"{"policies",-12} {Few,8} /s {Many,8} /s   ratio of medians");
        foreach (var shape in isDry ? [PolicyShape.Literal] : Enum.GetValues<PolicyShape>())
            Console.WriteLine(await MeasureAsync(
                gitHub,
                issuer,
                shape,
                isDry ? (1, TimeSpan.FromMilliseconds(100)) : (15, TimeSpan.FromMilliseconds(500))));
        return 0;
    }

    private static async Task<string> MeasureAsync(
        SandboxGitHub gitHub,
        SandboxIssuer issuer,
        PolicyShape shape,
        (int Count, TimeSpan Length) turns)
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

        return $"{shape,-12} {Statistics.Median(ofFew),11:N0} {Statistics.Median(ofMany),11:N0}  "
            + $" {Statistics.Median(ofMany) / Statistics.Median(ofFew):P0}";
    }

    private static RequestPool Requests(SandboxIssuer issuer, int policies) =>
        new([.. Enumerable.Range(0, 64).Select(caller => RequestPool.Compose(issuer.Sign(PolicyShapes.Claims(caller * policies / 64))))]);

    private static async Task<double> RateAsync(ThroughputBroker broker, RequestPool requests, TimeSpan length) =>
        (await LoadClient.RunAsync(broker.Address, requests, length)).Rate;
}
