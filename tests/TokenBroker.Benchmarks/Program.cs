using TokenBroker.Benchmarks;

// What can be measured; the words after the first go to the measurement.
switch (args)
{
    case ["policies", .. var rest]:
        PolicyBenchmarks.Run(rest);
        return 0;
    case ["throughput", .. var rest]:
        return await PolicyThroughput.RunAsync(rest);
    case ["compare", .. var rest] when ComparisonArguments.TryParse(rest, out var comparison):
        return await Comparison.RunAsync(comparison);
    case ["floor", .. var rest]:
        return await FloorServer.RunAsync(rest);
    default:
        await Console.Error.WriteLineAsync("""
            policies [--dry]     how long one decision takes with 10, 100 and 1,000 policies of one issuer
            throughput [--dry]   requests a second for a cached token with 10 and with 1,000 policies
            compare [--against DIR] [--seconds N] [--dry]
                                 what an answer from the cache costs beside a bare endpoint, and beside the published broker in DIR;
                                 N seconds each, 6 by default
            """);
        return 1;
}
