namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>When, on the way of a request, a fault strikes.</summary>
internal enum FaultStage
{
    /// <summary>Before anything is looked at.</summary>
    Arrival,

    /// <summary>When an installation token is checked.</summary>
    Credential,

    /// <summary>When a token is about to be handed over.</summary>
    Token,
}
