using System.Collections.Concurrent;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// Tells once of each deny rule that a JWT met its policy without the claim that the rule looks at. The claim may be one that not every
/// JWT has, or one that is misspelt: then the rule denies nobody.
/// </summary>
internal sealed partial class MissingDenyClaims(ILogger<MissingDenyClaims> logger)
{
    // Policies change while the broker runs, so there may be more than there ever are at once.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Policy, ClaimPointer Claim), bool> told = new();

    /// <summary>Looks at the policies that a caller meets.</summary>
    public void Look(IReadOnlyList<Policy> met, CallerClaims caller)
    {
        foreach (var policy in met)
        {
            foreach (var rule in policy.DenyClaims)
            {
                if (rule.LacksClaim(caller) && !told.ContainsKey((policy.Name, rule.Claim)) && told.Count < Most && told.TryAdd((policy.Name, rule.Claim), true))
                    Log.Missing(logger, $"{PolicyListOptions.Section}:Policies:{policy.Name}:DenyClaims", rule.Claim, caller.Issuer);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Claim} is missing from a JWT of issuer {Issuer} that meets the policy, so the rule denies it nothing; is the claim spelt right?")]
        public static partial void Missing(ILogger logger, string key, ClaimPointer claim, string issuer);
    }
}
