namespace TokenBroker.Authorization;

/// <summary>Says at start what is allowed and unwise.</summary>
internal sealed partial class PolicyWarnings(Policies policies, ILogger<PolicyWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Tell(policies.Current, logger);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Says it of any policies, for those that come into force later.</summary>
    internal static void Tell(PolicySet policies, ILogger logger)
    {
        foreach (var (bounded, unbounded) in Unbound(policies))
            Log.NotBound(logger, bounded.Name, unbounded.Name);
    }

    /// <summary>
    /// Pairs of policies of which the first bounds the runners that a caller makes, and the second gives what may be the same caller a
    /// registration token on what may be the same scope: with it, any runner can be made there.
    /// </summary>
    internal static IEnumerable<(Policy Bounded, Policy Unbounded)> Unbound(PolicySet policies) =>
        from bounded in policies.All
        where bounded.Operations.Contains(Operation.JitConfiguration) || bounded.Operations.Contains(Operation.Labels) || bounded.Operations.Contains(Operation.Delete)
        from unbounded in policies.Of(bounded.Issuer)
        where unbounded.Operations.Contains(Operation.RegistrationToken)
            && bounded.Scopes.Any(one => unbounded.Scopes.Any(one.MayOverlap))
            && bounded.Claims.All(one => unbounded.Claims.All(one.MayMeetAlso))
        select (bounded, unbounded);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Policy {Bounded}: its Runners block does not hold callers who get a registration token on the same scope by policy {Unbounded}: with it they can register any runner there")]
        public static partial void NotBound(ILogger logger, string bounded, string unbounded);
    }
}
