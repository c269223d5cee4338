using System.Net;
using TokenBroker.GitHub;
using TokenBroker.RateLimiting;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Downloads;

/// <summary>What runners are made of: their downloads, and when a version ends.</summary>
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

    private static Task<PassedOn> List(ScopeRequest request, RunnerDownloads downloads, HttpContext context) =>
        PassedOn.AskAsync(context, async cancellation =>
        {
            var answer = await downloads.GetAsync(request.Scope, CallerAllowance.PermitOf(context), cancellation);
            return !RunnerDownloads.IsSecret(answer) && EntityTags.Match(context.Request, answer.ApiInfo.Etag) ? answer with { StatusCode = HttpStatusCode.NotModified } : answer;
        }, RunnerDownloads.IsSecret);

    private static Task<PassedOn> GetDeprecation(ScopeRequest request, VersionRequest version, RunnerClient client, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => client.DeprecationAsync(request.Scope, version.Version!, EntityTags.Of(context.Request), cancellation));
}
