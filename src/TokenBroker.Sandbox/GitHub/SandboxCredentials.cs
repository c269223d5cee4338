using System.Security.Cryptography;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>What the one App and the one enterprise are known by.</summary>
internal sealed class SandboxCredentials
{
    /// <summary>The scope that enterprise runner endpoints want.</summary>
    public const string ManageRunners = "manage_runners:enterprise";

    private const int KeyBits = 2048;

    private volatile Keys keys;
    private volatile string enterpriseToken;

    public SandboxCredentials(SandboxGitHubOptions options)
    {
        AppClientId = options.AppClientId;
        AppId = options.AppId;
        keys = Read(options.AppKey ?? NewKey(), []);
        enterpriseToken = options.EnterpriseToken ?? "ghp_sandboxenterprise" + Secrets.Random(19);
    }

    public string AppClientId { get; }

    public long AppId { get; }

    /// <summary>What the App asks of those who install it; what they granted is their installation's.</summary>
    public IReadOnlyDictionary<string, string> AppPermissions { get; set; } = SandboxPermissions.Usual;

    public string AppKey => keys.Pem;

    public IReadOnlyList<RSAParameters> AppPublicKeys => keys.Accepted;

    public string EnterpriseToken
    {
        get => enterpriseToken;
        set => enterpriseToken = value;
    }

    /// <summary>The scopes of the enterprise token.</summary>
    public IReadOnlyList<string> EnterpriseTokenScopes { get; set; } = [ManageRunners];

    /// <summary>When the enterprise token ends; null for never.</summary>
    public DateTimeOffset? EnterpriseTokenExpiresAt { get; set; }

    /// <summary>Whether the enterprise token may manage runners.</summary>
    public bool MayManageRunners => EnterpriseTokenScopes.Contains(ManageRunners) || EnterpriseTokenScopes.Contains("admin:enterprise");

    public static string NewKey()
    {
        using var rsa = RSA.Create(KeyBits);
        return rsa.ExportRSAPrivateKeyPem();
    }

    public void UseAppKey(string pem, bool keepFormer) => keys = Read(pem, keepFormer ? keys.Accepted : []);

    private static Keys Read(string pem, RSAParameters[] former)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new Keys(pem, [rsa.ExportParameters(includePrivateParameters: false), .. former]);
    }

    private sealed record Keys(string Pem, RSAParameters[] Accepted);
}
