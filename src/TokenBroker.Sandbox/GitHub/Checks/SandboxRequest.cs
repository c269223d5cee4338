using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>What is known of a request from its head alone.</summary>
internal sealed class SandboxRequest
{
    public SandboxRequest(HttpContext context, Credential credential)
    {
        // The path as sent: what is remembered and matched must be what the client wrote, /api/v3 included.
        Path = context.Request.PathBase.Add(context.Request.Path).Value ?? "/";
        Credential = credential;
        var segments = (context.Request.Path.Value ?? "/").Split('/', StringSplitOptions.RemoveEmptyEntries);
        Kind = Recognise(context.Request.Method, segments);
        ForRunners = segments is [.., "actions", "runners"] or [.., "actions", "runners", _] or [.., "actions", "runners", _, "labels"];
        ForApp = segments is ["app", ..] || Kind == SandboxRequestKind.InstallationLookup;
        ForEnterprise = segments is ["enterprises", ..];
        ByIdentifier = segments is ["repositories", ..] or ["organizations", ..];
        Entry = new SandboxRequestEntry(context.Request.Method, Path, Kind, credential.Kind);
    }

    public string Path { get; }

    public Credential Credential { get; }

    public SandboxRequestKind Kind { get; }

    public SandboxRequestEntry Entry { get; }

    public bool ForRunners { get; }

    public bool ForApp { get; }

    public bool ForEnterprise { get; }

    public bool ByIdentifier { get; }

    public static SandboxRequest Of(HttpContext context) => context.Features.GetRequiredFeature<SandboxRequest>();

    private static SandboxRequestKind Recognise(string method, string[] segments)
    {
        var post = HttpMethods.IsPost(method);
        return segments switch
        {
            ["repos", _, _, "installation"] or ["orgs", _, "installation"] or ["repositories", _, "installation"] when !post =>
                SandboxRequestKind.InstallationLookup,
            ["app", "installations", _, "access_tokens"] when post => SandboxRequestKind.InstallationToken,
            [.., "actions", "runners", "registration-token"] when post => SandboxRequestKind.RegistrationToken,
            [.., "actions", "runners", "remove-token"] when post => SandboxRequestKind.RemoveToken,
            _ => SandboxRequestKind.Other,
        };
    }
}
