namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>When, on the way of a request, a fault strikes.</summary>
internal enum FaultStage
{
    /// <summary>Before anything is looked at.</summary>
    Arrival,

    /// <summary>When an installation token is checked.</summary>
    Credential,

    /// <summary>When the request has had its effect and nothing of the answer has left.</summary>
    Effect,

    /// <summary>When a runner endpoint answers.</summary>
    Answer,

    /// <summary>When a token is about to be handed over.</summary>
    Token,
}
