namespace TokenBroker.Sandbox.GitHub;

/// <summary>What a request to this GitHub was for.</summary>
public enum SandboxRequestKind
{
    /// <summary>Anything else.</summary>
    Other,

    /// <summary>Finding the App's installation on a repository or an organisation.</summary>
    InstallationLookup,

    /// <summary>Making an installation token.</summary>
    InstallationToken,

    /// <summary>Making a registration token.</summary>
    RegistrationToken,

    /// <summary>Making a remove token.</summary>
    RemoveToken,
}
