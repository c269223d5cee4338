namespace TokenBroker.Sandbox.GitHub;

/// <summary>What sort of credential a request carried; never the credential.</summary>
public enum SandboxCredentialKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>Something of the shape of a JWT, taken for the App's.</summary>
    AppJwt,

    /// <summary>An installation token that this GitHub made.</summary>
    InstallationToken,

    /// <summary>The enterprise token.</summary>
    EnterpriseToken,

    /// <summary>Something this GitHub does not know.</summary>
    Unknown,
}
