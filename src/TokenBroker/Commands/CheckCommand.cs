using Microsoft.Extensions.Options;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.RateLimiting;

namespace TokenBroker.Commands;

/// <summary>Tells what is wrong with a configuration before a broker is started with it. It asks nobody: no GitHub, no Redis, no issuer.</summary>
internal sealed class CheckCommand : Command
{
    public override string Name => "check";

    public override string Summary => "Prints every fault of the configuration and what is unwise in it. Exit code 1 if there is a fault.";

    public override IReadOnlyList<CommandOption> Options => [CommandConfiguration.File];

    public override async Task<int> RunAsync(CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = [];
        ConfigurationWarning[] warnings = [];
        try
        {
            await using var broker = CommandConfiguration.Build(arguments.Find(CommandConfiguration.File));
            warnings = WarningsOf(broker.Services);
            broker.Validate();
        }
        catch (Exception exception) when (StartupFaults.Of(exception) is { Count: > 0 } found)
        {
            faults = found;
        }

        foreach (var fault in faults)
            await output.WriteLineAsync($"fault    {fault}");
        foreach (var warning in warnings)
            await output.WriteLineAsync($"warning  {warning}");
        await output.WriteLineAsync($"{Count(faults.Count, "fault")}, {Count(warnings.Length, "warning")}.");
        return faults.Count == 0 ? 0 : 1;
    }

    // Those that the start logs, as far as the sections that they look at have no fault.
    private static ConfigurationWarning[] WarningsOf(IServiceProvider broker)
    {
        var callers = Sound<CallerOptions>(broker);
        var policies = Sound<AuthorizationOptions>(broker) is { } authorization ? PolicySet.Compile(authorization) : null;
        var gitHub = StrictOptions.Read<GitHubOptions>(broker.GetRequiredService<IConfiguration>(), GitHubOptions.Section);
        return
        [
            .. SectionWarnings.Find(broker.GetRequiredService<ConfigurationVersions>(), broker.GetServices<KnownSection>()),
            .. GitHubWarnings.Find(gitHub),
            .. Sound<RateLimitOptions>(broker) is { } limits ? RateLimitWarnings.Find(limits) : [],
            .. Sound<TokenCacheOptions>(broker) is { } cache ? CacheWarnings.Find(cache) : [],
            .. Sound<RedisOptions>(broker) is { } redis ? CacheWarnings.Find(redis) : [],
            .. Sound<ForwardingOptions>(broker) is { } forwarding ? ForwardingWarnings.Find(forwarding) : [],
            .. ListeningWarnings.Find(broker.GetRequiredService<IConfiguration>()),
            .. callers is null ? [] : IssuerWarnings.Find(callers),
            .. policies is null ? [] : PolicyWarnings.Find(policies),
            .. callers is null || policies is null ? [] : DeadEndWarnings.Find(callers, policies, gitHub),
        ];
    }

    private static TOptions? Sound<TOptions>(IServiceProvider broker)
        where TOptions : class
    {
        try
        {
            return broker.GetRequiredService<IOptions<TOptions>>().Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }

    private static string Count(int count, string word) => $"{count} {word}{(count == 1 ? "" : "s")}";
}
