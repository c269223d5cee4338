using System.Net;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>Which of the configured issuers a JWT is held to.</summary>
public sealed class IssuerChoiceTests
{
    private const string Shared = "https://kubernetes.default.svc.cluster.local";
    private const string One = "/orgs/octo-org/actions/runners/registration-token";
    private const string Two = "/orgs/octo-two/actions/runners/registration-token";

    [Fact]
    public async Task Two_entries_that_share_an_iss_are_distinguished_by_audience()
    {
        // It stands still, so the keys were asked for since whatever comes.
        var clock = new ManualClock();
        await using var first = await IssuerSettings.StartAnotherAsync(clock, Shared, "broker-one");
        await using var second = await IssuerSettings.StartAnotherAsync(clock, Shared, "broker-two");
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration.SetIssuer("cluster-one", ByKeys(first), "orgs/octo-org");
            configuration.SetIssuer("cluster-two", ByKeys(second), "orgs/octo-two");
        }, clock);

        await broker.IsServedAsync(first.Sign(), One);
        await broker.IsServedAsync(second.Sign(), Two);
        await IsDeniedAsync(broker, first.Sign(), Two);
        await IsDeniedAsync(broker, second.Sign(), One);
        await broker.IsRefusedAsync(first.Sign(new { aud = "broker-two" }), AuthenticationAssertions.BadSignature);
        await broker.IsRefusedAsync(second.Sign(new { aud = "broker-one" }), AuthenticationAssertions.BadSignature);
        await broker.IsRefusedAsync(first.Sign(new { aud = "broker-three" }), AuthenticationAssertions.WrongAudience);

        // One that is for both is held to the first, and its key decides.
        await broker.IsServedAsync(first.Sign(new { aud = new[] { "broker-two", "broker-one" } }), One);
        await broker.IsRefusedAsync(second.Sign(new { aud = new[] { "broker-two", "broker-one" } }), AuthenticationAssertions.BadSignature);
    }

    [Fact]
    public async Task An_issuer_of_the_same_key_as_another_has_its_own_policies()
    {
        var key = SandboxSigningKey.Create(SandboxSigningKey.Es256);
        await using var first = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = key });
        await using var second = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = key });
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration.SetDiscovered("one", first, "orgs/octo-org");
            configuration.SetDiscovered("two", second, "orgs/octo-two");
        });

        await broker.IsServedAsync(first.Sign(), One);
        await IsDeniedAsync(broker, first.Sign(), Two);
        await broker.IsServedAsync(second.Sign(), Two);
        await IsDeniedAsync(broker, second.Sign(), One);
    }

    [Fact]
    public async Task Keys_by_their_address_need_no_discovery()
    {
        await using var issuer = await IssuerSettings.StartAnotherAsync(issuer: "https://no-discovery.example");
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetIssuer("by-keys", ByKeys(issuer)));
        await broker.IsServedAsync(issuer.Sign());
        await broker.IsRefusedAsync(issuer.Sign(new { iss = issuer.AddressText() }), AuthenticationAssertions.UnknownIssuer);
        Assert.Equal((0, 1), (issuer.DiscoveryFetches, issuer.KeyFetches));
    }

    [Fact]
    public async Task An_issuer_beside_its_authority_is_the_one_that_counts()
    {
        await using var issuer = await IssuerSettings.StartAnotherAsync();
        issuer.DiscoveryFault = SandboxIssuerFault.WrongIssuer;
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetIssuer("version-one", new
        {
            Authority = issuer.AddressText(),
            Issuer = "https://version-one.example/tenant/",
            Audiences = new[] { "token-broker" },
            RequireHttpsMetadata = false,
        }));
        await broker.IsServedAsync(issuer.Sign(new { iss = "https://version-one.example/tenant/" }));
        await broker.IsRefusedAsync(
            issuer.Sign(new { iss = "https://version-one.example/tenant" }),
            AuthenticationAssertions.UnknownIssuer);
        await broker.IsRefusedAsync(issuer.Sign(), AuthenticationAssertions.UnknownIssuer);
        await broker.IsRefusedAsync(issuer.Sign(new { iss = "https://another-issuer.example" }), AuthenticationAssertions.UnknownIssuer);
    }

    private static object ByKeys(SandboxIssuer issuer) => new
    {
        issuer.Issuer,
        JwksUri = issuer.KeysAddress.ToString(),
        Audiences = new[] { issuer.Audience },
        RequireHttpsMetadata = false,
    };

    private static async Task IsDeniedAsync(TestBroker broker, string jwt, string path)
    {
        using var response = await broker.PostJwtAsync(jwt, path);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }
}
