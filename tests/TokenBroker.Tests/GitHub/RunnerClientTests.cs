using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class RunnerClientTests
{
    private const string Labels = """{"labels":["gpu"]}""";

    public static TheoryData<string, string, string?, bool> Calls => new()
    {
        { "GET", "", null, true },
        { "GET", "/{id}", null, true },
        { "GET", "/{id}/labels", null, true },
        { "GET", "/downloads", null, true },
        { "GET", "/deprecations/2.300.0", null, true },
        { "POST", "/{id}/labels", Labels, false },
        { "PUT", "/{id}/labels", Labels, false },
        { "DELETE", "/{id}/labels", null, false },
        { "DELETE", "/{id}/labels/gpu", null, false },
        { "DELETE", "/{id}", null, false },
        { "POST", "/generate-jitconfig", """{"name":"vm-1","runner_group_id":1,"labels":["x"]}""", false },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Each_call_carries_the_least_that_it_needs(string method, string below, string? body, bool isRead)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var (scope, name, permission) in new[]
        {
            ("repos/octo-org/hello", "hello-runner-3", "administration"),
            ("orgs/octo-org", "octo-org-runner-3", "organization_self_hosted_runners"),
            ("enterprises/octo-ent", "octo-ent-runner-3", null),
        })
        {
            broker.GitHub.Requests.Reset();
            var id = broker.RunnerOf(name, scope).Id;
            var answer = await broker.SendAsync(method, FormattableString.Invariant($"/{scope}/actions/runners") + below.Replace(
                "{id}",
                FormattableString.Invariant($"{id}"),
                StringComparison.Ordinal), body);
            Assert.True(answer.Status is 200 or 201 or 204, $"{answer.Status}: {answer.Text}");
            var asked = broker.GitHub.Requests.Recent
                .Where(entry => entry.Path.Contains("/actions/runners", StringComparison.Ordinal))
                .ToList();
            Assert.NotEmpty(asked);
            foreach (var entry in asked)
            {
                Assert.Equal(
                    permission is null ? SandboxCredentialKind.EnterpriseToken : SandboxCredentialKind.InstallationToken,
                    entry.Credential);
                if (permission is not null)
                    Assert.Equal(
                        KeyValuePair.Create(permission, isRead ? "read" : "write"),
                        entry.Permissions!.Single(one => one.Key != "metadata"));
                else
                    Assert.Null(entry.Permissions);
            }
        }
    }

    [Fact]
    public async Task Reading_and_changing_take_a_token_each_and_no_more()
    {
        await using var broker = await TestBroker.StartAsync();
        var path = $"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-3").Id}/labels";
        for (var time = 0; time < 3; time++)
        {
            (await broker.GetAsync(path)).Is(200);
            (await broker.SendAsync("PUT", path, Labels)).Is(200);
        }

        Assert.Equal(2, broker.GitHub.Requests.InstallationTokens);
        Assert.Equal(1, broker.GitHub.Requests.InstallationLookups);
    }
}
