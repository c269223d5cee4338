namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>All of which docs/callers.md has a recipe.</summary>
internal static class Platforms
{
    public const string Organization = "/orgs/octo-org/actions/runners/registration-token";
    public const string Repository = "/repos/octo-org/hello/actions/runners/registration-token";

    public static IReadOnlyList<Platform> All { get; } =
    [
        GoogleComputeEngine.Machine,
        Azure.Version2, Azure.Version1,
        Aws.Machine,
        Kubernetes.WithPublicIssuer, Kubernetes.WithKeyFile, Kubernetes.InItsOwnCluster,
        GitHubActions.WithNames, GitHubActions.WithIds,
        GitLab.Job,
        Buildkite.Job,
        Spiffe.Workload,
        OpenIdProvider.Client,
        OwnKey.Machine,
    ];
}
