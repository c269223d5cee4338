namespace TokenBroker.Sandbox.GitHub;

/// <summary>The shape of the installation tokens that this GitHub issues. It accepts both shapes in any case.</summary>
public enum SandboxTokenShape
{
    /// <summary>Both, alternating; the first one is stateless.</summary>
    Alternating,

    /// <summary><c>ghs_</c> and 36 letters and digits: 40 characters.</summary>
    Opaque,

    /// <summary><c>ghs_</c>, the App's id, <c>_</c> and a JWT: about 520 characters, not always as many.</summary>
    Stateless,
}
