namespace TokenBroker.Configuration;

/// <summary>A configured text cannot be used. The message says why and what to do, and quotes nothing of the text, which may be a secret.</summary>
internal sealed class UnusableContentException(string message) : Exception(message);
