namespace TokenBroker.Authentication;

/// <summary>An issuer's discovery document names another issuer than the one that was asked.</summary>
internal sealed class WrongIssuerException(string message) : FormatException(message);
