namespace TokenBroker.GitHub;

/// <summary>GitHub failed in a way that may pass at once, so that the same request may be tried again.</summary>
internal sealed class PassingFaultException(string message, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>When GitHub itself wants to be asked again; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
