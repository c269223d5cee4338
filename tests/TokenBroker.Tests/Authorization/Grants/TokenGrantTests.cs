using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Authorization.Grants;

/// <summary>An image boots once, and what a job steals from it later is worth nothing.</summary>
public sealed class TokenGrantTests
{
    private const string One = """{ "Grants": { "Count": 1, "Within": "01:00:00" } }""";
    private const string Two = """{ "Grants": { "Count": 2, "Within": "01:00:00" } }""";

    [Fact]
    public async Task A_second_boot_with_a_stolen_JWT_is_refused()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(One));
        var jwt = broker.Issuer.Sign();
        (await broker.PostWithAsync(jwt)).Is(201);
        var answer = (await broker.PostWithAsync(jwt)).IsUsedUp();
        Assert.Equal("This caller's grants of 'registration-token' on 'orgs/octo-org' are used up.", answer.Detail);
        Assert.Null(answer.Header("Retry-After"));

        // Nor does a JWT help that the thief has had made for the same machine.
        (await broker.PostWithAsync(broker.Issuer.Sign(new { sub = "vm-1", jti = "another" }))).IsUsedUp();
        (await broker.PostWithAsync(jwt, "/api/v3" + GrantPolicies.Registration.Replace("octo-org", "Octo-ORG", StringComparison.Ordinal)))
            .IsUsedUp();
        Assert.Contains(
            "Denied caller 'vm-1' of issuer 'sandbox': registration-token on orgs/octo-org (the grants of policy policy-0 are used up)",
            broker.Logs.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_callers_and_scopes_are_not_affected()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(One));
        var jwt = broker.Issuer.Sign();
        (await broker.PostWithAsync(jwt)).Is(201);
        (await broker.PostWithAsync(jwt)).IsUsedUp();

        (await broker.PostWithAsync(broker.Issuer.Sign(new { sub = "vm-2" }))).Is(201);
        (await broker.PostWithAsync(jwt, "/repos/octo-org/hello/actions/runners/registration-token")).Is(201);
        (await broker.PostWithAsync(jwt, GrantPolicies.Remove)).Is(201);
        (await broker.PostWithAsync(jwt, GrantPolicies.Remove)).IsUsedUp();
        for (var times = 0; times < 3; times++)
            (await broker.GetAsync(RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task The_claims_that_distinguish_callers_are_the_issuers()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            GrantPolicies.Replace(configuration, One);
            configuration["Authentication"]!["Issuers"]!["sandbox"]!["CallerId"] = new JsonArray("/vm/id", "/vm/zone");
        });
        (await broker.PostWithAsync(broker.Issuer.Sign(new { vm = new { id = "1", zone = "a" } }))).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign(new { sub = "vm-2", vm = new { id = "1", zone = "a" } }))).IsUsedUp();
        (await broker.PostWithAsync(broker.Issuer.Sign(new { vm = new { id = "1", zone = "b" } }))).Is(201);
    }

    [Fact]
    public async Task Grants_come_back_one_by_one_when_they_are_old_enough()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Two), new ManualClock());
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        broker.Clock!.Advance(TimeSpan.FromMinutes(30));
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        broker.Clock.Advance(TimeSpan.FromMinutes(29));
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
        broker.Clock.Advance(TimeSpan.FromMinutes(2));
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
        broker.Clock.Advance(TimeSpan.FromMinutes(30));
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
    }

    [Theory]
    [InlineData(SandboxFaultNames.NotInstalled, 404, "not-installed")]
    [InlineData(SandboxFaultNames.MissingPermission, 403, "missing-permission")]
    [InlineData(SandboxFaultNames.Html, 503, "github-unavailable")]
    public async Task A_request_without_a_token_uses_up_no_grant(string fault, int status, string kind)
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(One), new ManualClock());
        broker.GitHub.Faults.Add(fault);
        for (var times = 0; times < 3; times++)
            (await broker.PostWithAsync(broker.Issuer.Sign())).IsFailure(status, kind);
        broker.GitHub.Faults.Clear();
        broker.Clock!.Advance(TimeSpan.FromSeconds(61));
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
    }

    [Fact]
    public async Task Nor_does_what_is_refused_before()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(One));
        var jwt = broker.Issuer.Sign();
        for (var times = 0; times < 3; times++)
        {
            (await broker.PostWithAsync(jwt, GrantPolicies.Registration + "?min_lifetime=9999")).IsFailure(400, "invalid-request");
            (await broker.PostWithAsync(jwt + "x")).IsFailure(401, "unauthenticated");
            (await broker.PostWithAsync(jwt, "/orgs/octo-two/actions/runners/registration-token")).IsFailure(403, "policy-denied");
        }

        (await broker.PostWithAsync(jwt)).Is(201);
        (await broker.PostWithAsync(jwt)).IsUsedUp();
    }

    [Fact]
    public async Task A_caller_that_went_away_before_its_answer_has_had_nothing()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(One), gitHubDelay: TimeSpan.FromMilliseconds(300));
        var jwt = broker.Issuer.Sign();
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, GrantPolicies.Registration);
        request.Headers.Authorization = new("Bearer", jwt);
        var asked = broker.Client.SendAsync(request, leaving.Token);
        await Eventually.IsTrueAsync(() => broker.GitHub.Requests.InFlight > 0, "GitHub was asked");
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        // The broker learns of it a little later.
        await Eventually.IsTrueAsync(async () => (await broker.PostWithAsync(jwt)).Status == 201, "the grant was given back");
        (await broker.PostWithAsync(jwt)).IsUsedUp();
    }

    [Fact]
    public async Task Of_fifty_at_once_three_get_their_token()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With("""{ "Grants": { "Count": 3, "Within": "01:00:00" } }"""),
            gitHubDelay: TimeSpan.FromMilliseconds(20));
        var jwt = broker.Issuer.Sign();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => broker.PostWithAsync(jwt)));
        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.IsUsedUp());
    }

    [Fact]
    public async Task Of_two_policies_one_with_room_is_enough_and_they_do_not_add_up()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With(Two, """{ "Grants": { "Count": 3, "Within": "02:00:00" } }"""));
        var jwt = broker.Issuer.Sign();
        for (var times = 0; times < 3; times++)
            (await broker.PostWithAsync(jwt)).Is(201);
        (await broker.PostWithAsync(jwt)).IsUsedUp();
        Assert.Contains("(the grants of policy policy-0, policy-1 are used up)", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_without_grants_allows_any_number_and_what_it_allows_counts()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(
            Two,
            """{ "Claims": [ { "Claim": "sub", "Matches": [ "vm-*" ] }, { "Claim": "event", "Matches": [ "boot" ] } ] }"""));
        var boot = broker.Issuer.Sign(new { sub = "vm-1", @event = "boot" });
        for (var times = 0; times < 4; times++)
            (await broker.PostWithAsync(boot)).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
        (await broker.PostWithAsync(boot)).Is(201);
    }

    [Fact]
    public async Task A_policy_that_is_used_up_asks_for_no_more_life()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With("""{ "Grants": { "Count": 2, "Within": "01:00:00" }, "MinimumRemainingLifetime": "00:40:00" }""", "{}"),
            new ManualClock());
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        broker.Clock!.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal("token-broker; fwd=miss", (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201).Header("Cache-Status"));
        broker.Clock.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal("token-broker; hit", (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201).Header("Cache-Status"));
    }

    [Fact]
    public async Task Other_policies_can_be_put_in_force_and_find_the_same_count()
    {
        var former = new JsonObject();
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) =>
            {
                GrantPolicies.Replace(configuration, One);
                foreach (var (key, value) in configuration)
                    former[key] = value?.DeepClone();
            },
            new ManualClock());
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
        GrantPolicies.Replace(former, Two);
        broker.WriteFile("broker.json", former.ToJsonString());
        broker.Clock!.Advance(TimeSpan.FromSeconds(6));
        await Eventually.IsTrueAsync(
            async () => (await broker.PostWithAsync(broker.Issuer.Sign())).Status == 201,
            "the new version was in force");
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
    }

    [Fact]
    public async Task A_decision_is_logged_once()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(One));
        var own = broker.Services.GetRequiredService<IMeterFactory>();
        var told = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "token_broker.policy.decisions" && instrument.Meter.Scope == own)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var words = tags.ToArray().ToDictionary(
                tag => tag.Key,
                tag => Convert.ToString(tag.Value, CultureInfo.InvariantCulture),
                StringComparer.Ordinal);
            lock (told)
                told.Add($"{words["operation"]} {words["decision"]}");
        });
        listener.Start();

        var jwt = broker.Issuer.Sign();
        (await broker.PostWithAsync(jwt)).Is(201);
        (await broker.PostWithAsync(jwt)).IsUsedUp();
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 99, labels = new[] { "x" } })).IsFailure(
            403,
            "runner-not-allowed");
        Assert.Equal(["registration-token allowed", "registration-token grants-used-up", "read allowed", "jitconfig allowed"], told);
    }
}
