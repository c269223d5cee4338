namespace TokenBroker.Configuration;

/// <summary>Something in the configuration that is allowed and unwise: told in the log at start, and by the command <c>check</c>.</summary>
/// <param name="Key">Where it stands.</param>
/// <param name="Text">What is unwise about it.</param>
internal sealed record ConfigurationWarning(string Key, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key}: {Text}.";
}
