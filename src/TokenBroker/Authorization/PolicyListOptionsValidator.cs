using Microsoft.Extensions.Options;
using TokenBroker.Authentication;
using TokenBroker.Authorization.Grants;
using TokenBroker.Configuration;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Finds every fault in the policies and names its key. The broker never runs a policy that cannot mean what it says.</summary>
internal sealed class PolicyListOptionsValidator(IConfiguration configuration) : IValidateOptions<PolicyListOptions>
{
    // Read without its own validation, so that the faults of both sections are reported together.
    private readonly IssuerListOptions callers = StrictOptions.Read<IssuerListOptions>(configuration, IssuerListOptions.Section);

    private static readonly TimeSpan LeastLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostLife = TimeSpan.FromMinutes(45);

    public ValidateOptionsResult Validate(string? name, PolicyListOptions options)
    {
        var faults = new List<string>();
        const string Policies = PolicyListOptions.Section + ":Policies";
        if (options.Policies.Count == 0)
            faults.Add($"{Policies}: at least one policy is required; without one, every request is denied.");
        foreach (var (policyName, policy) in options.Policies)
            Check($"{Policies}:{policyName}", policy, faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private void Check(string key, PolicyOptions policy, List<string> faults)
    {
        var issuers = callers.Issuers;
        if (string.IsNullOrWhiteSpace(policy.Issuer))
            faults.Add($"{key}:Issuer: is required.");
        else if (!issuers.ContainsKey(policy.Issuer))
            faults.Add($"{key}:Issuer: '{policy.Issuer}' is not an entry of {IssuerListOptions.Section}:Issuers.");

        CheckClaims(key, policy, faults);
        CheckAges(key, policy, faults);
        CheckScopes(key, policy, faults);
        CheckOperations(key, policy, faults);
        CheckGrants(key, policy, faults);
        if (policy.Runners is { } runners)
            CheckRunners($"{key}:Runners", runners, faults);
    }

    private void CheckClaims(string key, PolicyOptions policy, List<string> faults)
    {
        if (policy.Claims.Count == 0)
            faults.Add($"{key}:Claims: at least one claim is required; without one, every caller of the issuer would match.");
        CheckRules($"{key}:Claims", policy.Claims, faults);
        CheckRules($"{key}:DenyClaims", policy.DenyClaims, faults);

        if (policy.Claims.Count > 0 && policy.Issuer is { } name && callers.Issuers.TryGetValue(name, out var issuer)
            && PublicIssuers.Find(issuer) is { } stranger && !stranger.IsNamedBy(policy.Claims))
        {
            faults.Add(
                $"{key}:Claims: anyone on the internet can get a JWT from issuer '{name}' ({stranger.Name}), so at least one claim must "
                + $"identify the JWT's owner, in each of its values and without a * in that part: {stranger.Choice}.");
        }
    }

    private static void CheckRules(string key, List<ClaimOptions> claims, List<string> faults)
    {
        for (var index = 0; index < claims.Count; index++)
        {
            var claim = claims[index];
            CheckPointer($"{key}:{index}:Claim", claim.Claim, faults);
            if (claim.Matches.Count == 0)
                faults.Add($"{key}:{index}:Matches: at least one value is required.");
            for (var value = 0; value < claim.Matches.Count; value++)
            {
                if (string.IsNullOrEmpty(claim.Matches[value]))
                    faults.Add($"{key}:{index}:Matches:{value}: must not be empty.");
            }
        }
    }

    private static void CheckPointer(string key, string? claim, List<string> faults)
    {
        if (ClaimPointer.FindFault(claim) is { } fault)
            faults.Add($"{key}: {fault}");
    }

    private static void CheckAges(string key, PolicyOptions policy, List<string> faults)
    {
        if (policy.MaximumClaimAge is { } age)
        {
            CheckPointer($"{key}:MaximumClaimAge:Claim", age.Claim, faults);
            if (age.Age <= TimeSpan.Zero)
                faults.Add($"{key}:MaximumClaimAge:Age: must be more than zero.");
        }

        if (policy.MinimumRemainingLifetime is { } life && (life < LeastLife || life > MostLife))
            faults.Add($"{key}:MinimumRemainingLifetime: must be from {LeastLife:c} to {MostLife:c}.");
    }

    private static void CheckScopes(string key, PolicyOptions policy, List<string> faults)
    {
        if (policy.Scopes.Count == 0)
            faults.Add($"{key}:Scopes: at least one scope is required.");
        for (var index = 0; index < policy.Scopes.Count; index++)
        {
            if (!ScopeRule.TryParse(policy.Scopes[index], out var scope))
                faults.Add($"{key}:Scopes:{index}: '{policy.Scopes[index]}' is not repos/OWNER/REPO, orgs/ORG or enterprises/ENTERPRISE.");
            else
                CheckTemplate($"{key}:Scopes:{index}", scope.Template, faults);
        }
    }

    private static void CheckTemplate(string key, ClaimTemplate template, List<string> faults)
    {
        foreach (var claim in template.Claims)
            CheckPointer(key, claim.Text, faults);
    }

    private static void CheckOperations(string key, PolicyOptions policy, List<string> faults)
    {
        if (policy.Operations.Count == 0)
            faults.Add($"{key}:Operations: at least one operation is required.");
        for (var index = 0; index < policy.Operations.Count; index++)
        {
            var text = policy.Operations[index];
            if (!OperationNames.TryParse(text, out var operation))
                faults.Add($"{key}:Operations:{index}: '{text}' is not one of {string.Join(", ", OperationNames.AllNames)}.");
            else if (OperationNames.Bounded.Contains(operation) && policy.Runners is null)
                faults.Add($"{key}:Runners:Names: is required if '{text}' is allowed.");
        }
    }

    private static void CheckGrants(string key, PolicyOptions policy, List<string> faults)
    {
        if (policy.Grants is not { } grants)
            return;
        if (grants.Count is not (>= 1 and <= GrantLimit.Most))
            faults.Add($"{key}:Grants:Count: is required, from 1 to {GrantLimit.Most}.");
        if (grants.Within is not { } within || within < GrantLimit.Shortest || within > GrantLimit.Longest)
        {
            faults.Add(
                $"{key}:Grants:Within: is required, from {GrantLimit.Shortest:c} to {GrantLimit.Longest:c}, the longest that a grant is "
                + "remembered; a day is 1.00:00:00.");
        }

        if (!policy.Operations.Exists(text =>
            OperationNames.TryParse(text, out var operation) && OperationNames.Granted.Contains(operation)))
        {
            var granted = string.Join(", ", OperationNames.Granted.Select(OperationNames.NameOf));
            faults.Add($"{key}:Grants: only {granted} can be counted, and the policy allows none of them.");
        }
    }

    private static void CheckRunners(string key, RunnerBoundsOptions runners, List<string> faults)
    {
        if (runners.Names.Count == 0)
            faults.Add($"{key}:Names: at least one pattern of runner names is required.");
        foreach (var (list, values) in new[]
        {
            ("Names", runners.Names),
            ("Labels", runners.Labels),
            ("RequiredLabels", runners.RequiredLabels),
            ("WorkFolders", runners.WorkFolders),
        })
        {
            for (var index = 0; index < values.Count; index++)
            {
                if (string.IsNullOrWhiteSpace(values[index]) || values[index].Length > 256)
                    faults.Add($"{key}:{list}:{index}: must be 1 to 256 characters.");
            }
        }

        for (var index = 0; index < runners.Names.Count; index++)
        {
            if (!ClaimTemplate.TryParse(runners.Names[index], out var name))
                faults.Add($"{key}:Names:{index}: '{runners.Names[index]}' has an unmatched brace, or no claim between two braces.");
            else
                CheckTemplate($"{key}:Names:{index}", name, faults);
        }

        for (var index = 0; index < runners.GroupIds.Count; index++)
        {
            if (runners.GroupIds[index] < 1)
                faults.Add($"{key}:GroupIds:{index}: must be a positive number.");
        }
    }
}
