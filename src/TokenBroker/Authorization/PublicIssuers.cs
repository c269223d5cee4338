using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>Issuers that sign JWTs for anyone who has an account there, with any audience: only the claims tell your callers from strangers.</summary>
internal static class PublicIssuers
{
    private static readonly string[] Hosts = ["accounts.google.com", "token.actions.githubusercontent.com", "gitlab.com", "agent.buildkite.com"];

    public static bool Includes(IssuerOptions issuer) => IsPublic(issuer.Authority) || IsPublic(issuer.Issuer);

    private static bool IsPublic(string? address)
    {
        // Google's tokens have also named their issuer without a scheme.
        var host = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Host : address?.Split('/')[0];
        return host is not null && Hosts.Contains(host, StringComparer.OrdinalIgnoreCase);
    }
}
