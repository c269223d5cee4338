namespace TokenBroker.Sandbox.GitHub;

/// <summary>What sort of credential a request carried; never the credential.</summary>
public enum SandboxCredentialKind
{
    None,

    /// <summary>Something in the shape of a JWT, treated as the App's.</summary>
    AppJwt,

    /// <summary>An installation token that this GitHub made.</summary>
    InstallationToken,

    /// <summary>The enterprise token.</summary>
    EnterpriseToken,

    /// <summary>A credential that this GitHub does not know.</summary>
    Unknown,
}
