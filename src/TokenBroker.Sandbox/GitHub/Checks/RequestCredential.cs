using System.Net.Http.Headers;
using System.Text;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>The credential of a request. Not a record: a record would print the secret.</summary>
internal sealed class RequestCredential(
    SandboxCredentialKind kind, string? scheme, string? value, SandboxInstallationToken? installationToken)
{
    private static readonly string[] Schemes = ["Bearer", "token"];

    public SandboxCredentialKind Kind => kind;

    public string? Scheme => scheme;

    public string? Value => value;

    public SandboxInstallationToken? InstallationToken => installationToken;

    /// <summary>Under which name its requests are counted.</summary>
    public string Account => kind switch
    {
        SandboxCredentialKind.InstallationToken => FormattableString.Invariant($"installation ID {installationToken!.InstallationId}"),
        SandboxCredentialKind.AppJwt => "the App",
        SandboxCredentialKind.EnterpriseToken => "user ID 1",
        _ => "127.0.0.1",
    };

    public static RequestCredential Read(HttpRequest request, IssuedTokens<SandboxInstallationToken> tokens, string enterpriseToken)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header))
            return new RequestCredential(SandboxCredentialKind.None, scheme: null, value: null, installationToken: null);

        var secret = SecretOf(header);
        if (secret is null)
            return new RequestCredential(SandboxCredentialKind.Unknown, header.Scheme, value: null, installationToken: null);
        if (tokens.Find(secret) is { } known)
            return new RequestCredential(SandboxCredentialKind.InstallationToken, header.Scheme, secret, known);
        if (string.Equals(secret, enterpriseToken, StringComparison.Ordinal))
            return new RequestCredential(SandboxCredentialKind.EnterpriseToken, header.Scheme, secret, installationToken: null);

        // An installation token may end in a JWT, too: one that was forgotten is not the App's.
        var looksLikeJwt = !secret.StartsWith("ghs_", StringComparison.Ordinal) && secret.Count(character => character == '.') == 2;
        var kind = looksLikeJwt ? SandboxCredentialKind.AppJwt : SandboxCredentialKind.Unknown;
        return new RequestCredential(kind, header.Scheme, secret, installationToken: null);
    }

    private static string? SecretOf(AuthenticationHeaderValue header)
    {
        if (Schemes.Contains(header.Scheme, StringComparer.OrdinalIgnoreCase))
            return header.Parameter;
        if (!string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase))
            return null;

        var decoded = new byte[header.Parameter?.Length ?? 0];
        return Convert.TryFromBase64String(header.Parameter ?? "", decoded, out var length)
            ? Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2)[^1]
            : null;
    }
}
