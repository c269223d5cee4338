using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>Reports every fault of the issuers with its configuration key.</summary>
internal sealed class IssuerListOptionsValidator : IValidateOptions<IssuerListOptions>
{
    private const string Issuers = IssuerListOptions.Section + ":Issuers";

    public ValidateOptionsResult Validate(string? name, IssuerListOptions options)
    {
        var faults = new List<string>();
        if (options.Issuers.Count == 0)
            faults.Add($"{Issuers}: at least one issuer is required; without one, every caller is refused.");
        foreach (var (issuerName, issuer) in options.Issuers)
            Check($"{Issuers}:{issuerName}", issuer, faults);
        CheckShared(options, faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(string key, IssuerOptions issuer, List<string> faults)
    {
        CheckSource(key, issuer, faults);
        if (issuer.Audiences.Count == 0)
        {
            faults.Add($"{key}:Audiences: at least one audience is required; "
                + "without one, JWTs that the issuer made for other services would be accepted.");
        }

        for (var index = 0; index < issuer.Audiences.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(issuer.Audiences[index]))
                faults.Add($"{key}:Audiences:{index}: must not be empty.");
            else
                CheckEnds($"{key}:Audiences:{index}", issuer.Audiences[index], faults);
        }

        CheckPointers($"{key}:CallerId", issuer.CallerId, faults);
        CheckPointers($"{key}:AuditClaims", issuer.AuditClaims, faults);

        if (issuer.MaximumTokenAge <= TimeSpan.Zero)
            faults.Add($"{key}:MaximumTokenAge: must be longer than zero.");
        if (issuer.CaCertificatePath is { Length: > 0 } authorities)
            CertificateAuthorities.Check(authorities, $"{key}:CaCertificatePath", faults);
        if (issuer.BackchannelTokenPath is { Length: > 0 } token)
            SecretFile.TryRead(token, $"{key}:BackchannelTokenPath", faults);
    }

    private static void CheckPointers(string key, List<string> pointers, List<string> faults)
    {
        for (var index = 0; index < pointers.Count; index++)
        {
            if (ClaimPointer.FindFault(pointers[index]) is { } fault)
                faults.Add($"{key}:{index}: {fault}");
        }
    }

    private static void CheckSource(string key, IssuerOptions issuer, List<string> faults)
    {
        var sources = new[] { issuer.Authority, issuer.JwksUri, issuer.JwksPath }.Count(source => !string.IsNullOrEmpty(source));
        if (sources != 1)
            faults.Add($"{key}: exactly one of Authority, JwksUri and JwksPath is required, as the source of the keys.");
        if (string.IsNullOrEmpty(issuer.Authority) && string.IsNullOrEmpty(issuer.Issuer))
            faults.Add($"{key}:Issuer: is required without an Authority.");

        CheckEnds($"{key}:Issuer", issuer.Issuer, faults);
        CheckAddress($"{key}:Authority", issuer.Authority, issuer.RequireHttpsMetadata, faults);
        CheckDiscovery($"{key}:Authority", issuer.Authority, faults);
        CheckAddress($"{key}:JwksUri", issuer.JwksUri, issuer.RequireHttpsMetadata, faults);
        if (issuer.JwksPath is { Length: > 0 } path && SecretFile.TryRead(path, $"{key}:JwksPath", faults) is { } text)
        {
            try
            {
                _ = SigningKeys.Parse(text);
            }
            catch (FormatException exception)
            {
                faults.Add($"{key}:JwksPath: the file '{path}' {exception.Message}.");
            }
        }
    }

    private static void CheckAddress(string key, string? text, bool requireHttps, List<string> faults)
    {
        if (string.IsNullOrEmpty(text) || !CheckEnds(key, text, faults))
            return;
        if (!WebAddress.TryParse(text, out var address))
            faults.Add($"{key}: must be an http or https address without user, query or fragment.");
        else if (requireHttps && address.Scheme != Uri.UriSchemeHttps)
            faults.Add($"{key}: must be https, unless RequireHttpsMetadata is false.");
    }

    private static void CheckDiscovery(string key, string? text, List<string> faults)
    {
        var authority = text?.Trim().TrimEnd('/');
        if (authority?.EndsWith(KeyFetcher.DiscoveryPath, StringComparison.OrdinalIgnoreCase) == true
            && WebAddress.TryParse(authority, out _))
        {
            faults.Add($"{key}: is the address of the discovery document, whose path the broker appends itself. "
                + $"Write '{authority[..^KeyFetcher.DiscoveryPath.Length]}'.");
        }
    }

    // Most often a line end copied from a file. These values are compared exactly, so it would never match, and the log could not
    // show why.
    private static bool CheckEnds(string key, string? text, List<string> faults)
    {
        if (text is null || text.Length == text.Trim().Length)
            return true;
        faults.Add($"{key}: has leading or trailing white space. Remove it.");
        return false;
    }

    private static void CheckShared(IssuerListOptions options, List<string> faults)
    {
        var byIssuer = options.Issuers.GroupBy(entry => IssuerDirectory.NormalIssuer(entry.Value), StringComparer.Ordinal);
        foreach (var shared in byIssuer.Where(group => group.Key is not null))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (name, issuer) in shared)
            {
                foreach (var audience in issuer.Audiences.Distinct(StringComparer.Ordinal).Where(audience => !seen.Add(audience)))
                {
                    faults.Add($"{Issuers}:{name}:Audiences: '{audience}' is also an audience of another entry for the same issuer; "
                        + "it is unclear which of them applies.");
                }
            }
        }
    }
}
