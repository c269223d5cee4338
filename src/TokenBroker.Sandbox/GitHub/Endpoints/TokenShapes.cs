namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Makes installation tokens in the shape that the request, the edition or the alternation calls for.</summary>
internal sealed class TokenShapes(Secrets secrets, SandboxCredentials credentials, SandboxEdition edition)
{
    private const string Header = "X-GitHub-Stateless-S2S-Token";

    private int made;

    public string Next(HttpContext context) =>
        IsStateless(context.Request.Headers[Header]) ? secrets.StatelessInstallationToken(credentials.AppId) : secrets.InstallationToken();

    private bool IsStateless(string? asked) => (edition.EnterpriseServer, asked, edition.TokenShape) switch
    {
        (true, _, _) => false,
        (_, "enabled", _) => true,
        (_, "disabled", _) => false,
        (_, _, SandboxTokenShape.Alternating) => Interlocked.Increment(ref made) % 2 == 1,
        (_, _, var shape) => shape == SandboxTokenShape.Stateless,
    };
}
