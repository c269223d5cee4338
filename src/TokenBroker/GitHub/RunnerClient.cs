using System.Net;
using System.Text.Json;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>
/// GitHub's endpoints for runners. Successful responses are returned unchanged; refusals are thrown as a <see cref="FailureException"/>.
/// </summary>
// See https://docs.github.com/rest/actions/self-hosted-runners
internal sealed class RunnerClient(ScopeClient scopes, ScopeRefusals refusals)
{
    // One caller's invalid request must not count as a refusal of the scope, which is remembered for all callers.
    private static readonly HttpStatusCode[] AboutTheRequest =
    [
        HttpStatusCode.BadRequest, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotAcceptable, HttpStatusCode.Conflict,
        HttpStatusCode.Gone, HttpStatusCode.PreconditionFailed, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestUriTooLong,
        HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnprocessableEntity, HttpStatusCode.RequestHeaderFieldsTooLarge,
    ];

    /// <summary>The smallest call that shows whether a token may list the scope's runners.</summary>
    public static GitHubCall FirstPage(Scope scope) => new("runners", HttpMethod.Get, Runners(scope) + "?per_page=1");

    /// <summary>A page of the scope's runners; 304 if the caller's copy is current.</summary>
    public Task<GitHubAnswer> ListAsync(Scope scope, string query, string? ifNoneMatch, CancellationToken cancellation) =>
        SendAsync(scope, Permission.ToRead(scope), new GitHubCall("runners", HttpMethod.Get, Runners(scope) + query)
        {
            Yields = true,
            IfNoneMatch = ifNoneMatch,
            Expected = [HttpStatusCode.NotModified],
        }, cancellation);

    /// <summary>The runner applications that can be downloaded.</summary>
    public Task<GitHubAnswer> DownloadsAsync(Scope scope, CancellationToken cancellation)
    {
        var call = new GitHubCall("downloads", HttpMethod.Get, Runners(scope) + "/downloads") { Yields = true };
        return SendAsync(scope, Permission.ToRead(scope), call, cancellation);
    }

    /// <summary>When a version of the runner application stops working.</summary>
    public async Task<GitHubAnswer> DeprecationAsync(
        Scope scope,
        string version,
        string? ifNoneMatch,
        CancellationToken cancellation)
    {
        var call = new GitHubCall("deprecation", HttpMethod.Get, $"{Runners(scope)}/deprecations/{version}")
        {
            Yields = true,
            IfNoneMatch = ifNoneMatch,
            Expected = [HttpStatusCode.NotModified, HttpStatusCode.NotFound],
        };
        var answer = await SendAsync(scope, Permission.ToRead(scope), call, cancellation);
        return answer.StatusCode != HttpStatusCode.NotFound ? answer : throw new FailureException(new Failure(
            FailureKinds.NoDeprecations,
            $"GitHub has no deprecation date for '{version}'. GitHub Enterprise Server has none for any version."));
    }

    /// <summary>
    /// One runner, or the resource <paramref name="below"/> it, which is <c>/labels</c>; 304 if the caller's copy is current. Before a
    /// delete
    /// the call does not yield.
    /// </summary>
    public Task<GitHubAnswer> GetAsync(
        Scope scope,
        Permission permission,
        long id,
        string below,
        string? ifNoneMatch,
        CancellationToken cancellation,
        bool isToBeDeleted = false) =>
        SendToRunnerAsync(scope, permission, new GitHubCall("runner", HttpMethod.Get, $"{Runners(scope)}/{id}{below}")
        {
            Yields = !isToBeDeleted,
            IfNoneMatch = ifNoneMatch,
            Expected = [HttpStatusCode.NotModified, HttpStatusCode.NotFound],
        }, cancellation);

    public Task<GitHubAnswer> DeleteAsync(Scope scope, long id, CancellationToken cancellation) =>
        ChangeAsync(scope, new GitHubCall("delete-runner", HttpMethod.Delete, $"{Runners(scope)}/{id}"), cancellation);

    /// <summary>Adds labels to a runner (POST), or replaces its custom labels (PUT).</summary>
    public Task<GitHubAnswer> SendLabelsAsync(
        Scope scope,
        HttpMethod method,
        long id,
        IReadOnlyList<string> labels,
        CancellationToken cancellation)
    {
        var body = JsonSerializer.Serialize(new { labels });
        return ChangeAsync(scope, new GitHubCall("labels", method, LabelsPath(scope, id)) { Body = body, Yields = true }, cancellation);
    }

    /// <summary>Removes one custom label from a runner, or all of them if none is named.</summary>
    public Task<GitHubAnswer> RemoveLabelsAsync(Scope scope, long id, string? label, CancellationToken cancellation)
    {
        var path = LabelsPath(scope, id) + (label is null ? "" : "/" + Uri.EscapeDataString(label));
        return ChangeAsync(scope, new GitHubCall("labels", HttpMethod.Delete, path) { Yields = true }, cancellation);
    }

    /// <summary>Creates a runner and its just-in-time configuration. A lost response is not retried: the runner may exist.</summary>
    public async Task<GitHubAnswer> CreateJitConfigurationAsync(Scope scope, JitRunner runner, CancellationToken cancellation)
    {
        var body = new { name = runner.Name, runner_group_id = runner.GroupId, labels = runner.Labels, work_folder = runner.WorkFolder };
        var call = new GitHubCall("jitconfig", HttpMethod.Post, Runners(scope) + "/generate-jitconfig")
        {
            Body = JsonSerializer.Serialize(body),
            IsRepeatable = false,
            Expected = [HttpStatusCode.NotFound, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity],
        };
        var answer = await SendAsync(scope, Permission.ToWrite(scope), call, cancellation);
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound => throw new FailureException(new Failure(
                FailureKinds.UnknownRunner,
                $"GitHub knows no runner group {runner.GroupId} in '{scope.Path}', "
                    + "or does not support just-in-time configurations there.")),
            HttpStatusCode.Conflict => throw new FailureException(new Failure(FailureKinds.NameTaken, answer.Message)),
            HttpStatusCode.UnprocessableEntity => throw Unprocessable(answer),
            _ when answer.Text("encoded_jit_config") is { Length: > 0 } => answer,
            _ => throw new FailureException(new Failure(FailureKinds.AnswerLost, "GitHub's response contained no configuration.")),
        };
    }

    private Task<GitHubAnswer> ChangeAsync(Scope scope, GitHubCall call, CancellationToken cancellation)
    {
        call = call with { Expected = [HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity] };
        return SendToRunnerAsync(scope, Permission.ToWrite(scope), call, cancellation);
    }

    private async Task<GitHubAnswer> SendToRunnerAsync(
        Scope scope,
        Permission permission,
        GitHubCall call,
        CancellationToken cancellation)
    {
        var answer = await SendAsync(scope, permission, call, cancellation);
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound => throw new FailureException(new Failure(FailureKinds.UnknownRunner, NoSuchRunner(scope))),
            HttpStatusCode.UnprocessableEntity => throw Unprocessable(answer),
            _ => answer,
        };
    }

    private async Task<GitHubAnswer> SendAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        var expecting = call with { Expected = [.. call.Expected, .. AboutTheRequest] };
        var answer = await refusals.GuardAsync(scope, permission, () => scopes.SendAsync(scope, permission, expecting, cancellation));
        return AboutTheRequest.Contains(answer.StatusCode) && !call.Expected.Contains(answer.StatusCode)
            ? throw Unprocessable(answer)
            : answer;
    }

    /// <summary>The failure detail for a runner, or a label of one, that does not exist.</summary>
    public static string NoSuchRunner(Scope scope) => $"GitHub knows no such runner or label in '{scope.Path}'.";

    private static FailureException Unprocessable(GitHubAnswer answer) => new(new Failure(FailureKinds.Unprocessable, answer.Message));

    private static string LabelsPath(Scope scope, long id) => $"{Runners(scope)}/{id}/labels";

    private static string Runners(Scope scope) => scope.Path + "/actions/runners";
}
