namespace TokenBroker.Tests.Authentication;

/// <summary>The token that the broker shows for an issuer's keys goes to whom the configuration names, and to nobody else.</summary>
public sealed class BackchannelTokenTests : IAsyncLifetime
{
    private const string Shown = "Bearer the-brokers-own-token";
    private const string Discovery = "/.well-known/openid-configuration";
    private RecordingIssuer issuer = null!;
    private RecordingIssuer elsewhere = null!;

    public async ValueTask InitializeAsync()
    {
        issuer = await RecordingIssuer.StartAsync();
        elsewhere = await RecordingIssuer.StartAsync(issuer.Key);
    }

    public async ValueTask DisposeAsync()
    {
        await issuer.DisposeAsync();
        await elsewhere.DisposeAsync();
    }

    [Fact]
    public async Task It_goes_to_the_authority_and_to_keys_of_the_same_origin()
    {
        await using var broker = await StartAsync(new { Authority = issuer.Address });
        await broker.IsServedAsync(Sign(broker));
        Assert.Equal([(Discovery, Shown), ("/jwks", Shown)], issuer.Requests);
    }

    [Fact]
    public async Task It_does_not_go_to_keys_that_discovery_names_elsewhere()
    {
        issuer.KeysAddress = elsewhere.Address + "/jwks";
        await using var broker = await StartAsync(new { Authority = issuer.Address });
        await broker.IsServedAsync(Sign(broker));
        Assert.Equal([(Discovery, Shown)], issuer.Requests);
        Assert.Equal([("/jwks", "")], elsewhere.Requests);
    }

    [Fact]
    public async Task The_log_says_where_it_did_not_go()
    {
        issuer.KeysAddress = elsewhere.Address + "/jwks";
        elsewhere.KeysRedirect = "/login";
        await using var broker = await StartAsync(new { Authority = issuer.Address });
        await broker.IsUnavailableAsync(Sign(broker));
        Assert.Contains(
            $"it answers 302 at {elsewhere.Address}, which its discovery document names and the configuration does not",
            broker.Logs.Text,
            StringComparison.Ordinal);
        Assert.Contains("set JwksUri to that address instead of Authority", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_to_the_address_of_the_keys_that_the_configuration_names()
    {
        await using var broker = await StartAsync(new { Issuer = issuer.Address, JwksUri = elsewhere.Address + "/openid/v1/jwks" });
        await broker.IsServedAsync(Sign(broker));
        Assert.Empty(issuer.Requests);
        Assert.Equal([("/openid/v1/jwks", Shown)], elsewhere.Requests);
    }

    [Fact]
    public async Task It_does_not_go_where_a_redirect_leads()
    {
        issuer.KeysRedirect = elsewhere.Address + "/jwks";
        await using var broker = await StartAsync(new { Issuer = issuer.Address, JwksUri = issuer.Address + "/jwks" });
        await broker.IsUnavailableAsync(Sign(broker));
        Assert.All(issuer.Requests, request => Assert.Equal(("/jwks", Shown), request));
        Assert.Empty(elsewhere.Requests);
    }

    private string Sign(TestBroker broker) => broker.Issuer.Sign(new { iss = issuer.Address }, key: issuer.Key);

    private static Task<TestBroker> StartAsync(object settings) => TestBroker.StartAsync((configuration, broker) =>
    {
        configuration.SetIssuer("shown", settings);
        var shown = configuration["Authentication"]!["Issuers"]!["shown"]!.AsObject();
        shown["Audiences"] = new System.Text.Json.Nodes.JsonArray("token-broker");
        shown["RequireHttpsMetadata"] = false;
        shown["BackchannelTokenPath"] = broker.WriteFile("backchannel", Shown["Bearer ".Length..]);
    });
}
