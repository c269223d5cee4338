using System.Globalization;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Logs and delays each request, and checks its User-Agent and whether proxies accept its body.</summary>
internal sealed class Arrival(
    SandboxRequestLog log,
    SandboxClock clock,
    IssuedTokens<SandboxInstallationToken> tokens,
    SandboxCredentials credentials,
    Holding holding,
    SandboxEdition edition,
    SandboxGitHubOptions options)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = new SandboxRequest(context, RequestCredential.Read(context.Request, tokens, credentials.EnterpriseToken));
        context.Features.Set(request);
        log.Arrived(request.Entry);
        context.Response.OnCompleted(() =>
        {
            log.Left();
            return Task.CompletedTask;
        });
        context.Response.OnStarting(() =>
        {
            request.Entry.Answered(context.Response.StatusCode);
            context.Response.Headers.Date = clock.Now.ToString("R", CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });

        var headers = context.Response.Headers;
        request.Entry.RequestId = $"{Secrets.Random(4)}:{Secrets.Random(6)}:{Secrets.Random(8)}".ToUpperInvariant();
        headers["x-github-request-id"] = request.Entry.RequestId;
        headers["x-github-media-type"] = "github.v3; format=json";
        headers["x-github-api-version-selected"] = "2022-11-28";
        if (edition.EnterpriseServer)
            headers["x-github-enterprise-version"] = "3.19.0";
        if (request.Credential.Kind == SandboxCredentialKind.EnterpriseToken)
            DescribeToken(headers);

        try
        {
            if (options.UpstreamDelay > TimeSpan.Zero)
                await DelayAsync(context);
            if (context.Request.Headers.UserAgent.Count == 0)
                await GitHubError.NoUserAgentAsync(context);
            else if (options.StrictBodies && !BodyCheck.Passes(context))
                await GitHubError.BodyRefusedAsync(context);
            else
                await next(context);
        }
        catch (OperationCanceledException)
        {
            // The client has gone or this GitHub stops, so there is no reader for a response.
            context.Abort();
        }
    }

    // See https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
    private void DescribeToken(IHeaderDictionary headers)
    {
        headers["x-oauth-scopes"] = string.Join(", ", credentials.EnterpriseTokenScopes);
        headers["x-accepted-oauth-scopes"] = SandboxCredentials.ManageRunners;
        if (credentials.EnterpriseTokenExpiresAt is { } end)
        {
            headers["github-authentication-token-expiration"] =
                end.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        }
    }

    private async Task DelayAsync(HttpContext context)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, holding.Stopping);
        await Task.Delay(options.UpstreamDelay, TimeProvider.System, gone.Token);
    }
}
