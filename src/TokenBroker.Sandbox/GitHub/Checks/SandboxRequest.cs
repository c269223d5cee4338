using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>What the request line and headers of a request reveal.</summary>
internal sealed class SandboxRequest
{
    public SandboxRequest(HttpContext context, RequestCredential credential)
    {
        // The path as sent: what is remembered and matched must be what the client wrote, /api/v3 included.
        Path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        Credential = credential;
        var segments = (context.Request.Path.Value ?? "/").Split('/', StringSplitOptions.RemoveEmptyEntries);
        Kind = Recognise(context.Request.Method, segments);
        ForRunners = segments is [.., "actions", "runners"] or [.., "actions", "runners", _] or [.., "actions", "runners", _, _]
            or [.., "actions", "runners", _, "labels", _];
        ForApp = segments is ["app", ..] || Kind == SandboxRequestKind.InstallationLookup;
        ForEnterprise = segments is ["enterprises", ..];
        ByIdentifier = segments is ["repositories", ..] or ["organizations", ..];
        Entry = new SandboxRequestEntry(context.Request.Method, Path, Kind, credential.Kind)
        {
            Query = context.Request.QueryString.Value ?? "",
            Scheme = credential.Scheme,
            Permissions = credential.InstallationToken?.Permissions,
        };
    }

    public string Path { get; }

    public RequestCredential Credential { get; }

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
            ["repos", _, _, "installation"] or ["orgs", _, "installation"] or ["repositories", _, "installation"]
                or ["users", _, "installation"] when !post =>
                SandboxRequestKind.InstallationLookup,
            ["app", "installations", _, "access_tokens"] when post => SandboxRequestKind.InstallationToken,
            [.., "actions", "runners"] => RecogniseRunners(method, []),
            [.., "actions", "runners", var first] => RecogniseRunners(method, [first]),
            [.., "actions", "runners", var first, var second] => RecogniseRunners(method, [first, second]),
            [.., "actions", "runners", var first, "labels", var label] => RecogniseRunners(method, [first, "labels", label]),
            _ => SandboxRequestKind.Other,
        };
    }

    private static SandboxRequestKind RecogniseRunners(string method, string[] rest) => (method.ToUpperInvariant(), rest) switch
    {
        ("POST", ["registration-token"]) => SandboxRequestKind.RegistrationToken,
        ("POST", ["remove-token"]) => SandboxRequestKind.RemoveToken,
        ("POST", ["generate-jitconfig"]) => SandboxRequestKind.JitConfiguration,
        ("GET", []) => SandboxRequestKind.RunnerList,
        ("GET", ["downloads"]) => SandboxRequestKind.Downloads,
        ("GET", ["deprecations", _]) => SandboxRequestKind.Deprecation,
        ("GET", [_]) => SandboxRequestKind.RunnerLookup,
        ("DELETE", [_]) => SandboxRequestKind.RunnerRemoval,
        ("GET", [_, "labels"]) => SandboxRequestKind.LabelList,
        ("POST", [_, "labels"]) => SandboxRequestKind.LabelAddition,
        ("PUT", [_, "labels"]) => SandboxRequestKind.LabelReplacement,
        ("DELETE", [_, "labels"]) => SandboxRequestKind.LabelsRemoval,
        ("DELETE", [_, "labels", _]) => SandboxRequestKind.LabelRemoval,
        _ => SandboxRequestKind.Other,
    };
}
