using System.Net;
using FluentValidation;
using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Downloads;

/// <summary>The downloads of the runner application, and when a version is deprecated.</summary>
internal static class DownloadEndpoints
{
    public static void MapDownloads(this RouteGroupBuilder runners, ScopeForm form)
    {
        runners.MapGet("downloads", List)
            .WithMetadata(new RequiredOperation(Operation.Read))
            .WithMetadata(DownloadDocumentation.List(form));
        runners.MapGet("deprecations/{" + VersionRequest.Parameter + "}", GetDeprecation)
            .WithMetadata(new RequiredOperation(Operation.Read))
            .WithMetadata(DownloadDocumentation.Deprecation(form));
    }

    private static async Task<GitHubPassthroughResult> List(RunnerExchange exchange, RunnerDownloads downloads)
    {
        var answer = await exchange.AskGitHubAsync(cancellation => downloads.GetAsync(exchange.Scope!, cancellation));
        var isSecret = RunnerDownloads.IsSecret(answer);
        var isKnown = !isSecret && EntityTags.Match(exchange.Http.Request, answer.ApiInfo.Etag);
        return exchange.PassThrough(isKnown ? answer with { StatusCode = HttpStatusCode.NotModified } : answer, isSecret);
    }

    private static async Task<GitHubPassthroughResult> GetDeprecation(
        RunnerExchange exchange, VersionRequest version, RunnerClient client) =>
        exchange.PassThrough(await exchange.AskGitHubAsync(cancellation =>
            client.DeprecationAsync(exchange.Scope!, version.Version!, exchange.IfNoneMatch, cancellation)));
}

/// <summary>The runner version in a request's path, as it was sent.</summary>
internal sealed record VersionRequest(string? Version)
{
    public const string Parameter = "version";
    public const int Longest = 32;

    /// <summary>Whether it is digits and single dots between them, such as <c>2.329.0</c>.</summary>
    public bool IsValid =>
        Version is { Length: >= 1 and <= Longest } && Version.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    public static ValueTask<VersionRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<VersionRequest?>(new VersionRequest(context.GetRouteValue(Parameter) as string));
}

internal sealed class VersionRequestValidator : AbstractValidator<VersionRequest>
{
    public VersionRequestValidator() =>
        RuleFor(request => request.IsValid)
            .Equal(true)
            .Otherwise(
                VersionRequest.Parameter,
                $"must be digits and dots, such as 2.329.0, of at most {VersionRequest.Longest} characters.");
}

internal static class DownloadDocumentation
{
    public static OperationDocumentation List(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "list-runner-applications"), $"List runner applications for {form.Article}")
    {
        Form = form,
        Description = "Cached for five minutes.",
        Answer = new(StatusCodes.Status200OK, "The downloads.", new(typeof(IReadOnlyList<RunnerDownload>), new[] { Download }))
        {
            IsConditional = true,
        },
    };

    public static OperationDocumentation Deprecation(ScopeForm form) => new(
        OperationDocumentation.IdOf(form, "get-runner-version-deprecation"), $"Get the deprecation of a runner version for {form.Article}")
    {
        Form = form,
        Description = "GitHub Enterprise Server has none: 404.",
        Parameters = [new(VersionRequest.Parameter, "The runner's version.", "2.329.0") { IsInPath = true }],
        Answer = new(StatusCodes.Status200OK, "When the version is deprecated.", new(typeof(RunnerDeprecation), Ending))
        {
            IsConditional = true,
        },
    };

    private static RunnerDownload Download => new()
    {
        Os = "linux",
        Architecture = "x64",
        DownloadUrl = "https://github.com/actions/runner/releases/download/v2.329.0/actions-runner-linux-x64-2.329.0.tar.gz",
        Filename = "actions-runner-linux-x64-2.329.0.tar.gz",
    };

    private static RunnerDeprecation Ending => new()
    {
        RunnerVersion = "2.329.0",
        RegistrationDeprecatesAt = DateTimeOffset.UnixEpoch.AddYears(57),
    };
}
