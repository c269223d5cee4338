using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>
/// GitHub names another place. It would answer there, and must never be asked there: the name that a policy approved is another.
/// </summary>
public sealed class RedirectTests
{
    [Theory]
    [InlineData(TokenRequests.Repository, "/installation", 1, "301 when the installation is looked up")]
    [InlineData(TokenRequests.Repository, "registration-token", 3, "307 at the mint")]
    [InlineData(TokenRequests.Repository, "access_tokens", 2, "307 where the App gets its own token")]
    [InlineData(TokenRequests.Organization, "/installation", 1, "301 for an organization")]
    [InlineData(TokenRequests.Organization, "registration-token", 3, "307 for an organization")]
    [InlineData(TokenRequests.Enterprise, "registration-token", 1, "307 for an enterprise")]
    public async Task A_redirect_is_404_and_never_followed(string scope, string at, int asked, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.Moved, path: at);
        var answer = (await broker.RequestTokenAsync(scope)).IsFailure(404, "moved");
        Assert.Contains("renamed or moved", answer.Detail, StringComparison.Ordinal);
        Assert.True(asked == broker.GitHub.Requests.Total, why);
        AssertNothingFollowed(broker.GitHub);

        broker.Advance(55);
        (await broker.RequestTokenAsync(scope)).IsFailure(404, "moved");
        Assert.Equal(asked, broker.GitHub.Requests.Total);

        broker.GitHub.Faults.Clear();
        broker.Advance(6);
        (await broker.RequestTokenAsync(scope)).IsToken();
    }

    [Fact]
    public async Task Both_cached_tokens_of_a_repository_that_moved_are_dropped()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Accounts.RenameRepository("octo-org", "hello", "goodbye");
        (await broker.RequestTokenAsync(TokenRequests.Repository, minimumLifetime: 2700)).IsFailure(404, "moved");
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(404, "moved");
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsFailure(404, "moved");
        AssertNothingFollowed(broker.GitHub);

        // Under its new name it is a scope like any other.
        (await broker.RequestTokenAsync("repos/octo-org/goodbye")).IsToken();
    }

    [Fact]
    public async Task A_repository_that_went_to_another_owner_is_moved_and_its_siblings_are_not()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Accounts.RenameRepository("octo-org", "hello", "hello", "octo-two");
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(404, "moved");
        (await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsToken();
        AssertNothingFollowed(broker.GitHub);
    }

    private static void AssertNothingFollowed(SandboxGitHub github) => Assert.DoesNotContain(github.Requests.Recent, request =>
        request.Path.StartsWith("/repositories/", StringComparison.Ordinal)
        || request.Path.StartsWith("/organizations/", StringComparison.Ordinal)
        || request.Path.StartsWith("/moved/", StringComparison.Ordinal));
}
