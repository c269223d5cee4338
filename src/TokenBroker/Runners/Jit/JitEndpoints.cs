using System.Text.Json;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;
using TokenBroker.Runners.Listing;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Jit;

/// <summary>Just-in-time configurations of a scope.</summary>
internal static class JitEndpoints
{
    public static void MapJit(this RouteGroupBuilder runners, ScopeForm form) =>
        runners.MapPost("generate-jitconfig", Create)
            .WithMetadata(new RequiredOperation(Operation.JitConfiguration))
            .WithMetadata(JitDocumentation.Create(form));

    private static async Task<GitHubPassthroughResult> Create(
        RunnerExchange exchange, JitRequest request, JitConfigurations configurations, Exchange steps)
    {
        var fitting = exchange.Bounds.FitAll(bounds =>
        {
            var made = JitProposal.Make(request, bounds);
            return (made.Faults, made);
        });

        // What one policy allows as a whole, bounds and grants, is allowed; never the sum of several.
        using var grant = await steps.ReserveGrantAsync(exchange, [.. fitting.Select(one => one.Policy)]);
        var proposal = fitting.First(one => grant.Policies.Contains(one.Policy)).Result;
        try
        {
            // A caller that hangs up cancels nothing: GitHub may be making the runner, which the audit event must name.
            var answer = await exchange.Deadline.AskGitHubAsync(
                cancellation => CreateAsync(exchange, request, proposal, configurations, cancellation), CancellationToken.None);
            grant.Keep();
            exchange.Canceled.ThrowIfCancellationRequested();
            return exchange.PassThrough(answer, isSecret: true);
        }
        catch (Exception end) when (JitConfigurations.MayHaveMadeOne(end))
        {
            grant.Keep();
            throw;
        }
    }

    private static async Task<GitHubAnswer> CreateAsync(
        RunnerExchange exchange, JitRequest request, JitProposal proposal, JitConfigurations configurations, CancellationToken cancellation)
    {
        // If the answer is lost, this much is known of the runner.
        var audit = exchange.Audit;
        var answer = await configurations.CreateAsync(exchange.Scope!, request, proposal, name => audit.RunnerName = name, cancellation);
        audit.Token = TokenHash.Of(answer.Text("encoded_jit_config")!);
        if (answer.Json.TryGetProperty("runner", out var runner))
        {
            audit.RunnerName = GitHubAnswer.Text(runner, "name") ?? audit.RunnerName;
            audit.RunnerId = IdOf(runner);
        }

        return answer;
    }

    private static long? IdOf(JsonElement runner) =>
        runner.ValueKind == JsonValueKind.Object
        && runner.TryGetProperty("id", out var id)
        && id.ValueKind == JsonValueKind.Number
        && id.TryGetInt64(out var number) ? number : null;
}

internal static class JitDocumentation
{
    public static OperationDocumentation Create(ScopeForm form) => new(
        // GitHub files this one under actions for enterprises too.
        $"actions/generate-runner-jitconfig-for-{form.Word}", $"Create configuration for a just-in-time runner for {form.Article}")
    {
        Form = form,
        Description = "Creates one runner, for one job, and the configuration that it starts with. "
            + "The policy's `Runners` block bounds its name, labels, group and work folder.",
        Parameters =
        [
            new(
                JitRequest.UniqueParameter,
                "Whether the broker may add a random suffix to a name that is taken, or whose answer was lost.",
                true),
        ],
        Body = new(typeof(JitConfigurationRequest), new JitConfigurationRequest
        {
            Name = "vm-7f3a",
            RunnerGroupId = 1,
            Labels = ["self-hosted", "gpu"],
            WorkFolder = "_work",
        }),
        Answer = new(StatusCodes.Status201Created, "A runner and its configuration.", new(
            typeof(JitConfiguration), new JitConfiguration { Runner = Runner.Example, EncodedJitConfig = "abcdefghijkl" })),
        Failures =
        [
            new(
                FailureKinds.NameTaken,
                "Already exists - A runner with the name 'vm-7f3a' already exists.",
                "A runner of that name exists."),
            ListingDocumentation.Unprocessable,
        ],
    };
}
