using System.Net;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub by the enterprise token.</summary>
internal sealed class EnterpriseClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets)
{
    /// <summary>Sends a call, or throws <see cref="FailureException"/> without a token, or if GitHub does not accept it.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.EnterpriseToken is not { } token)
            throw new FailureException(new Failure(FailureKinds.NotConfigured, "This broker has no enterprise token, which enterprise scopes need."));

        var version = token.Current;
        var credential = new GitHubCredential($"enterprise token {version.Number}", GitHubCredentialKind.Enterprise, version.Value.Value);
        var answer = await client.SendAsync(call, credential, cancellation);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;

        throw limits.Refuse(credential, answer, "GitHub does not accept this broker's enterprise token.");
    }
}

/// <summary>The personal access token that enterprise scopes need.</summary>
/// <param name="Value">The token.</param>
internal sealed record EnterpriseToken(string Value)
{
    public static bool IsToken(string text) => text is { Length: > 0 and <= 1024 } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.');

    public static EnterpriseToken Parse(string text) => IsToken(text) ? new EnterpriseToken(text) : throw new FormatException("is no token");

    public override string ToString() => "the enterprise token";
}
