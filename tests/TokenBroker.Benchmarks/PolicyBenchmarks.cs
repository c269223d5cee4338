using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Benchmarks;

/// <summary>One decision, with a caller read anew as for each request.</summary>
[MemoryDiagnoser]
public class PolicyBenchmarks
{
    private PolicySet policies = null!;
    private JsonElement claims;
    private readonly Scope scope = Scope.ForOrganization("octo-org");

    /// <summary>What the policies are like.</summary>
    [ParamsAllValues]
    public PolicyShape Shape { get; set; }

    /// <summary>How many there are.</summary>
    [Params(10, 100, 1000)]
    public int Policies { get; set; }

    /// <summary>Runs them in this process: nothing is restored or built. Results stay in the usual folder of artifacts.</summary>
    public static void Run(string[] arguments)
    {
        var job = (arguments.Contains(
            "--dry",
            StringComparer.Ordinal) ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
        BenchmarkRunner.Run<PolicyBenchmarks>(
            DefaultConfig.Instance.AddJob(job).WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "artifacts")));
    }

    /// <summary>Compiles the policies and reads a caller of the last one.</summary>
    [GlobalSetup]
    public void Compile()
    {
        policies = PolicySet.Compile(PolicyShapes.Options(Shape, Policies, "ci"));
        claims = JsonSerializer.SerializeToElement(PolicyShapes.Claims(Policies - 1));
        if (!Allowed())
            throw new InvalidOperationException($"{Shape}: no policy is for the caller.");
    }

    /// <summary>A request that the last policy allows.</summary>
    [Benchmark]
    public bool Allowed() =>
        PolicyEvaluator.Evaluate(policies, new CallerClaims(
            "ci",
            claims,
            DateTimeOffset.UnixEpoch), Operation.RegistrationToken, scope).IsAllowed;
}
