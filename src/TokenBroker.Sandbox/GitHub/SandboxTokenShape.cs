namespace TokenBroker.Sandbox.GitHub;

/// <summary>What the installation tokens look like that this GitHub makes. It takes both shapes, whichever it makes.</summary>
public enum SandboxTokenShape
{
    /// <summary>Both in turns, the first one stateless.</summary>
    Alternating,

    /// <summary><c>ghs_</c> and 36 letters and digits: 40 characters.</summary>
    Opaque,

    /// <summary><c>ghs_</c>, the App's id, <c>_</c> and a JWT: about 520 characters, not always as many.</summary>
    Stateless,
}
