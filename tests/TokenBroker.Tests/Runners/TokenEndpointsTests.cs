using System.Net;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Runners;

public sealed class TokenEndpointsTests
{
    [Fact]
    public async Task A_caller_gets_a_token()
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token");
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, body + broker.Logs.Text);
    }
}
