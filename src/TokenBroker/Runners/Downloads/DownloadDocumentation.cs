using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Downloads;

/// <summary>What the document says of downloads and deprecations.</summary>
internal static class DownloadDocumentation
{
    public static OperationDocumentation List(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "list-runner-applications"), $"List runner applications for {form.Article}")
    {
        Form = form,
        Description = "Kept for five minutes.",
        Answer = new(StatusCodes.Status200OK, "What there is to download.", new(typeof(IReadOnlyList<RunnerDownload>), new[] { Download })) { IsConditional = true },
    };

    public static OperationDocumentation Deprecation(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "get-runner-version-deprecation"), $"Get the deprecation of a runner version for {form.Article}")
    {
        Form = form,
        Description = "GitHub Enterprise Server has none: 404.",
        Parameters = [new(VersionRequest.Parameter, "The runner's version.", "2.329.0") { IsInPath = true }],
        Answer = new(StatusCodes.Status200OK, "When the version ends.", new(typeof(RunnerDeprecation), Ending)) { IsConditional = true },
    };

    private static RunnerDownload Download => new()
    {
        Os = "linux",
        Architecture = "x64",
        DownloadUrl = "https://github.com/actions/runner/releases/download/v2.329.0/actions-runner-linux-x64-2.329.0.tar.gz",
        Filename = "actions-runner-linux-x64-2.329.0.tar.gz",
    };

    private static RunnerDeprecation Ending => new() { RunnerVersion = "2.329.0", RegistrationDeprecatesAt = DateTimeOffset.UnixEpoch.AddYears(57) };
}
