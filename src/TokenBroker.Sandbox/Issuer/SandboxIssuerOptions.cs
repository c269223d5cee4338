namespace TokenBroker.Sandbox.Issuer;

/// <summary>How a <see cref="SandboxIssuer"/> is set up. Every default is ready to use.</summary>
public sealed class SandboxIssuerOptions
{
    /// <summary>The port on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Listens on all of the machine's addresses, as a container must, and not on loopback alone.</summary>
    public bool OnAllAddresses { get; init; }

    /// <summary>The clock that <c>iat</c>, <c>nbf</c> and <c>exp</c> are taken from.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The audience of every token that names no other.</summary>
    public string Audience { get; init; } = "token-broker";

    /// <summary><c>RS256</c>, <c>ES256</c> or <c>ES384</c>.</summary>
    public string Algorithm { get; init; } = SandboxSigningKey.Rs256;

    /// <summary>The <c>iss</c>, where it is not the address; it stays the same while the address may change.</summary>
    public string? Issuer { get; init; }

    /// <summary>
    /// The first key. Making an RSA key takes a moment, so tests share one; null makes a new one of <see cref="Algorithm"/>.
    /// </summary>
    public SandboxSigningKey? SigningKey { get; init; }
}
