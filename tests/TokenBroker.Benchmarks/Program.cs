using TokenBroker.Benchmarks;

// What can be measured; the words after the first go to the measurement.
switch (args)
{
    case ["policies", .. var rest]:
        PolicyBenchmarks.Run(rest);
        return 0;
    case ["throughput", .. var rest]:
        return await PolicyThroughput.RunAsync(rest);
    default:
        await Console.Error.WriteLineAsync("""
            policies [--dry]     how long one decision takes with 10, 100 and 1,000 policies of one issuer
            throughput [--dry]   requests a second for a cached token with 10 and with 1,000 policies
            """);
        return 1;
}
