namespace TokenBroker.GitHub;

/// <summary>A call that may not be sent twice went out, and what became of it is not known.</summary>
internal sealed class LostAnswerException(string message) : Exception(message);
