using System.Text.Json;
using TokenBroker.Auditing;
using TokenBroker.Caching;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Jit;

/// <summary>Just-in-time configurations of a scope.</summary>
internal static class JitEndpoints
{
    public static void MapJit(this RouteGroupBuilder runners, ScopeForm form) =>
        runners.MapPost("generate-jitconfig", Create)
            .WithMetadata(new RequiredOperation(Operation.JitConfiguration))
            .WithMetadata(JitDocumentation.Create(form));

    private static async Task<PassedOn> Create(ScopeRequest request, JitRequest wanted, JitConfigurations configurations, RequestGrants grants, HttpContext context)
    {
        var fitting = BoundedRunners.Of(context).FitAll(bounds =>
        {
            var made = JitProposal.Make(wanted, bounds);
            return (made.Faults, made);
        });

        // Only what one policy allows as a whole, bounds and grants, is allowed.
        using var grant = await grants.ReserveAsync(context, request.Scope, [.. fitting.Select(one => one.Policy)]);
        var proposal = fitting.First(one => grant.Policies.Contains(one.Policy)).Result;
        try
        {
            // Whoever hangs up ends nothing: GitHub may be making the runner, and what comes of it belongs into the audit event.
            var answer = await Patience.Of(context).WithinAsync(
                cancellation => CreateAsync(request.Scope, wanted, proposal, configurations, AuditDetails.Of(context), cancellation), CancellationToken.None);
            grant.Keep();
            context.RequestAborted.ThrowIfCancellationRequested();
            return PassedOn.Of(context, answer, isSecret: true);
        }
        catch (Exception end) when (JitConfigurations.MayHaveMadeOne(end))
        {
            grant.Keep();
            throw;
        }
    }

    private static async Task<GitHubAnswer> CreateAsync(
        Scope scope, JitRequest wanted, JitProposal proposal, JitConfigurations configurations, AuditDetails audit, CancellationToken cancellation)
    {
        // If the answer is lost, this much is known of the runner.
        var answer = await configurations.CreateAsync(scope, wanted, proposal, name => audit.RunnerName = name, cancellation);
        audit.Token = TokenHash.Of(answer.Text("encoded_jit_config")!);
        if (answer.Json.TryGetProperty("runner", out var runner))
        {
            audit.RunnerName = GitHubAnswer.Text(runner, "name") ?? audit.RunnerName;
            audit.RunnerId = runner.ValueKind == JsonValueKind.Object && runner.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) ? number : null;
        }

        return answer;
    }
}
