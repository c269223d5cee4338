using System.Net;
using System.Text.Json;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>
/// GitHub's endpoints for the runners that are there. Answers are passed on as they came, but for those that say no:
/// these are a <see cref="FailureException"/>.
/// </summary>
// See https://docs.github.com/rest/actions/self-hosted-runners
internal sealed class RunnerClient(ScopeClient scopes, ScopeRefusals refusals)
{
    // One caller's odd request must not be taken for a no to the scope, which is remembered and told to all.
    private static readonly HttpStatusCode[] SaidOfTheRequest =
    [
        HttpStatusCode.BadRequest, HttpStatusCode.MethodNotAllowed, HttpStatusCode.NotAcceptable, HttpStatusCode.Conflict, HttpStatusCode.Gone,
        HttpStatusCode.PreconditionFailed, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestUriTooLong, HttpStatusCode.UnsupportedMediaType,
        HttpStatusCode.UnprocessableEntity, HttpStatusCode.RequestHeaderFieldsTooLarge,
    ];

    /// <summary>Asks for one runner of the scope, for whoever wants to know whether it may be asked for.</summary>
    public static GitHubCall FirstPage(Scope scope) => new("runners", HttpMethod.Get, Runners(scope) + "?per_page=1");

    /// <summary>A page of the scope's runners; 304 if the caller has it already.</summary>
    public Task<GitHubAnswer> ListAsync(Scope scope, string query, string? ifNoneMatch, CancellationToken cancellation) =>
        SendAsync(scope, Permission.ToRead(scope), new GitHubCall("runners", HttpMethod.Get, Runners(scope) + query)
        {
            Yields = true,
            IfNoneMatch = ifNoneMatch,
            Expected = [HttpStatusCode.NotModified],
        }, cancellation);

    /// <summary>What there is to download for runners.</summary>
    public Task<GitHubAnswer> DownloadsAsync(Scope scope, CancellationToken cancellation) =>
        SendAsync(scope, Permission.ToRead(scope), new GitHubCall("downloads", HttpMethod.Get, Runners(scope) + "/downloads") { Yields = true }, cancellation);

    /// <summary>When a runner's version ends.</summary>
    public async Task<GitHubAnswer> DeprecationAsync(Scope scope, string version, string? ifNoneMatch, CancellationToken cancellation)
    {
        var answer = await SendAsync(scope, Permission.ToRead(scope), new GitHubCall("deprecation", HttpMethod.Get, $"{Runners(scope)}/deprecations/{version}")
        {
            Yields = true,
            IfNoneMatch = ifNoneMatch,
            Expected = [HttpStatusCode.NotModified, HttpStatusCode.NotFound],
        }, cancellation);
        return answer.StatusCode != HttpStatusCode.NotFound ? answer : throw new FailureException(new Failure(
            FailureKinds.NoDeprecations, $"GitHub has no deprecation date for '{version}'. GitHub Enterprise Server has none for any version."));
    }

    /// <summary>One runner, or what is <paramref name="below"/> it, which is <c>/labels</c>; 304 if the caller has it already. Before a delete it is not put off.</summary>
    public Task<GitHubAnswer> GetAsync(Scope scope, Permission permission, long id, string below, string? ifNoneMatch, CancellationToken cancellation, bool isToBeDeleted = false) =>
        SendOfRunnerAsync(scope, permission, new GitHubCall("runner", HttpMethod.Get, $"{Runners(scope)}/{id}{below}")
        {
            Yields = !isToBeDeleted,
            IfNoneMatch = ifNoneMatch,
            Expected = [HttpStatusCode.NotModified, HttpStatusCode.NotFound],
        }, cancellation);

    /// <summary>Deletes a runner.</summary>
    public Task<GitHubAnswer> DeleteAsync(Scope scope, long id, CancellationToken cancellation) =>
        ChangeAsync(scope, new GitHubCall("delete-runner", HttpMethod.Delete, $"{Runners(scope)}/{id}"), cancellation);

    /// <summary>Adds labels to a runner's, or puts them in place of its custom ones.</summary>
    public Task<GitHubAnswer> SendLabelsAsync(Scope scope, HttpMethod method, long id, IReadOnlyList<string> labels, CancellationToken cancellation) =>
        ChangeAsync(scope, new GitHubCall("labels", method, $"{Runners(scope)}/{id}/labels") { Body = JsonSerializer.Serialize(new { labels }), Yields = true }, cancellation);

    /// <summary>Takes a custom label from a runner; with none named, all of them.</summary>
    public Task<GitHubAnswer> RemoveLabelsAsync(Scope scope, long id, string? label, CancellationToken cancellation) => ChangeAsync(
        scope, new GitHubCall("labels", HttpMethod.Delete, $"{Runners(scope)}/{id}/labels{(label is null ? "" : "/" + Uri.EscapeDataString(label))}") { Yields = true }, cancellation);

    /// <summary>Makes a runner and the configuration that it starts by. An answer that was lost is not asked for again: the runner may exist.</summary>
    public async Task<GitHubAnswer> CreateJitConfigurationAsync(Scope scope, JitRunner runner, CancellationToken cancellation)
    {
        var answer = await SendAsync(scope, Permission.ToWrite(scope), new GitHubCall("jitconfig", HttpMethod.Post, Runners(scope) + "/generate-jitconfig")
        {
            Body = JsonSerializer.Serialize(new { name = runner.Name, runner_group_id = runner.GroupId, labels = runner.Labels, work_folder = runner.WorkFolder }),
            IsRepeatable = false,
            Expected = [HttpStatusCode.NotFound, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity],
        }, cancellation);
        return answer.StatusCode switch
        {
            HttpStatusCode.NotFound => throw new FailureException(new Failure(
                FailureKinds.UnknownRunner, $"GitHub knows no runner group {runner.GroupId} in '{scope.Path}', or does not support just-in-time configurations there.")),
            HttpStatusCode.Conflict => throw new FailureException(new Failure(FailureKinds.NameTaken, answer.Message)),
            HttpStatusCode.UnprocessableEntity => throw Unprocessable(answer),
            _ when answer.Text("encoded_jit_config") is { Length: > 0 } => answer,
            _ => throw new FailureException(new Failure(FailureKinds.AnswerLost, "GitHub's response contained no configuration.")),
        };
    }

    private Task<GitHubAnswer> ChangeAsync(Scope scope, GitHubCall call, CancellationToken cancellation) =>
        SendOfRunnerAsync(scope, Permission.ToWrite(scope), call with { Expected = [HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity] }, cancellation);

    private async Task<GitHubAnswer> SendOfRunnerAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
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
        var expecting = call with { Expected = [.. call.Expected, .. SaidOfTheRequest] };
        var answer = await refusals.GuardAsync(scope, permission, () => scopes.SendAsync(scope, permission, expecting, cancellation));
        return SaidOfTheRequest.Contains(answer.StatusCode) && !call.Expected.Contains(answer.StatusCode) ? throw Unprocessable(answer) : answer;
    }

    /// <summary>What is said of a runner, or a label of it, that is not there.</summary>
    public static string NoSuchRunner(Scope scope) => $"GitHub knows no such runner or label in '{scope.Path}'.";

    private static FailureException Unprocessable(GitHubAnswer answer) => new(new Failure(FailureKinds.Unprocessable, answer.Message));

    private static string Runners(Scope scope) => scope.Path + "/actions/runners";
}
