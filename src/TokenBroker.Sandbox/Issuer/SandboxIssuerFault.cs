namespace TokenBroker.Sandbox.Issuer;

/// <summary>The ways in which an issuer's discovery and keys can fail.</summary>
public enum SandboxIssuerFault
{
    /// <summary>They do not.</summary>
    None,

    /// <summary>The connection is cut before an answer.</summary>
    Down,

    /// <summary>The request is accepted and never answered.</summary>
    Hang,

    /// <summary>500.</summary>
    ServerError,

    /// <summary>A valid document of more than 256 kB.</summary>
    Oversized,

    /// <summary>A redirect to a place that would answer.</summary>
    Redirect,

    /// <summary>The discovery document names another issuer.</summary>
    WrongIssuer,
}
