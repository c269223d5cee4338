namespace TokenBroker.Authorization;

/// <summary>How far the nearest policy got before it did not match.</summary>
public enum DenialReason
{
    /// <summary>The request is allowed.</summary>
    None,

    /// <summary>The caller's issuer has no policy.</summary>
    NoPolicyOfIssuer,

    /// <summary>No policy's claims match the caller's.</summary>
    ClaimsDiffer,

    /// <summary>A policy matches the caller, but does not name the scope.</summary>
    ScopeNotNamed,

    /// <summary>A policy matches caller and scope, but does not name the operation.</summary>
    OperationNotNamed,

    /// <summary>A policy allows it and counts what it gives, and the JWT does not say whom to count it for.</summary>
    CallerIdMissing,

    /// <summary>Policies allow it, but have given this caller the same as often as they do.</summary>
    GrantsUsedUp,
}
