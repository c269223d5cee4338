using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Configuration;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Hosting;

internal static class DeadEndWarnings
{
    /// <summary>Issuers that no policy names, and scopes for which there is no credential.</summary>
    public static IEnumerable<ConfigurationWarning> Find(IssuerListOptions callers, PolicySet policies, GitHubOptions gitHub)
    {
        var hasApp = gitHub.App.ClientId is { Length: > 0 };
        var hasEnterpriseToken = gitHub.EnterpriseToken is { Length: > 0 } || gitHub.EnterpriseTokenPath is { Length: > 0 };
        return
        [
            .. from name in callers.Issuers.Keys
               where !policies.Of(name).Any()
               select new ConfigurationWarning(
                   $"{IssuerListOptions.Section}:Issuers:{name}",
                   "no policy names it, so its callers may do nothing"),
            .. from policy in policies.All
               from scope in policy.Scopes
               let isEnterprise = scope.Kind == ScopeKind.Enterprise
               where isEnterprise ? !hasEnterpriseToken : !hasApp
               select new ConfigurationWarning(
                   $"{PolicyListOptions.Section}:Policies:{policy.Name}:Scopes",
                   $"'{scope}' is answered 404: there is no {(isEnterprise ? "GitHub:EnterpriseTokenPath" : "GitHub:App")}"),
        ];
    }
}
