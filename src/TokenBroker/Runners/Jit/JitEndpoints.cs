using TokenBroker.Auditing;
using TokenBroker.Authorization;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Jit;

/// <summary>Just-in-time configurations of a scope.</summary>
internal static class JitEndpoints
{
    public static void MapJit(this RouteGroupBuilder runners, ScopeForm form) =>
        runners.MapPost("generate-jitconfig", Create)
            .WithMetadata(new RequiredOperation(Operation.JitConfiguration))
            .WithMetadata(JitDocumentation.Create(form));

    private static Task<PassedOn> Create(ScopeRequest request, JitRequest wanted, JitConfigurations configurations, HttpContext context) =>
        PassedOn.AskAsync(context, cancellation => CreateAsync(request.Scope, wanted, configurations, context, cancellation), isSecret: true);

    private static async Task<GitHubAnswer> CreateAsync(Scope scope, JitRequest wanted, JitConfigurations configurations, HttpContext context, CancellationToken cancellation)
    {
        // If the answer is lost, this much is known of the runner.
        var audit = AuditDetails.Of(context);
        audit.RunnerName = wanted.Name.Value;
        var answer = await configurations.CreateAsync(scope, wanted, BoundedRunners.Of(context), cancellation);
        audit.Token = TokenHash.Of(answer.Text("encoded_jit_config")!);
        if (answer.Body.TryGetProperty("runner", out var runner))
        {
            audit.RunnerName = GitHubAnswer.Text(runner, "name") ?? audit.RunnerName;
            audit.RunnerId = GitHubAnswer.Number(runner, "id");
        }

        return answer;
    }
}
