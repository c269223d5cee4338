namespace TokenBroker.GitHub;

/// <summary>The personal access token that enterprise scopes need.</summary>
/// <param name="Value">The token.</param>
internal sealed record EnterpriseToken(string Value)
{
    public static bool IsToken(string text) => text is { Length: > 0 and <= 1024 } && text.All(character => character is > ' ' and < '\u007f');

    public static EnterpriseToken Parse(string text) => IsToken(text) ? new EnterpriseToken(text) : throw new FormatException("is no token");

    public override string ToString() => "the enterprise token";
}
