using TokenBroker.Failures;
using TokenBroker.Runners.Documentation;
using TokenBroker.Runners.Listing;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Jit;

/// <summary>What the document says of just-in-time configurations.</summary>
internal static class JitDocumentation
{
    public static OperationDocumentation Create(ScopeForm form) => new(
        // GitHub files this one under actions for enterprises too.
        $"actions/generate-runner-jitconfig-for-{form.Word}", $"Create configuration for a just-in-time runner for {form.Article}")
    {
        Form = form,
        Description = "Makes one runner, for one job, and the configuration that it starts by. The policy's `Runners` block bounds its name, labels, group and work folder.",
        Parameters =
        [
            new(JitRequest.UniqueParameter, "Whether the broker may add a random suffix to a name that is taken, or whose answer was lost.", true),
        ],
        Body = new(typeof(JitConfigurationRequest), new JitConfigurationRequest { Name = "vm-7f3a", RunnerGroupId = 1, Labels = ["self-hosted", "gpu"], WorkFolder = "_work" }),
        Answer = new(StatusCodes.Status201Created, "A runner and its configuration.", new(
            typeof(JitConfiguration), new JitConfiguration { Runner = Runner.Example, EncodedJitConfig = "abcdefghijkl" })),
        Failures =
        [
            new(FailureKinds.NameTaken, "Already exists - A runner with the name 'vm-7f3a' already exists.", "A runner of that name exists."),
            ListingDocumentation.Unprocessable,
        ],
    };
}
