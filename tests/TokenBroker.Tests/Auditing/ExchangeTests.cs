using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Auditing;

/// <summary>What is done and what is refused, each in one event.</summary>
public sealed class ExchangeTests
{
    private const string Token = RunnerApi.Organization + "/registration-token";
    private static readonly object Runner = new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } };

    [Theory]
    [InlineData("orgs/octo-org")]
    [InlineData("repos/octo-org/hello")]
    [InlineData("enterprises/octo-ent")]
    public async Task A_minted_token_is_audited_with_the_hash_that_GitHub_logs(string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync(
            $"/api/v3/{scope}/actions/runners/registration-token",
            broker.Issuer.Sign(new { sub = "vm-7", jti = "jwt-4711" }));
        var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        var told = await broker.Audit.ExchangeAsync();
        var request = broker.GitHub.Requests.Recent.Single(entry => entry.Kind == SandboxRequestKind.RegistrationToken);
        var credential = scope.StartsWith("enterprises", StringComparison.Ordinal)
            ? broker.GitHub.EnterpriseToken
            : broker.GitHub.InstallationTokens.Single().Token;

        Assert.Equal(
            "event time outcome status request_id issuer subject caller_id jwt_id client_address method path operation scope "
                + "policies source expires_at token_sha256 github_request_id credential_sha256",
            string.Join(' ', told.Select(member => member.Key)));
        Assert.Equal("granted", Text(told, "outcome"));
        Assert.Equal(201, (int)told["status"]!);
        Assert.Equal(response.Headers.GetValues("X-Request-Id").Single(), Text(told, "request_id"));
        Assert.Equal("sandbox", Text(told, "issuer"));
        Assert.Equal("vm-7", Text(told, "subject"));
        Assert.Equal("vm-7", Text(told, "caller_id"));
        Assert.Equal("jwt-4711", Text(told, "jwt_id"));
        Assert.Equal("127.0.0.1", Text(told, "client_address"));
        Assert.Equal("POST", Text(told, "method"));
        Assert.Equal($"/api/v3/{scope}/actions/runners/registration-token", Text(told, "path"));
        Assert.Equal("registration-token", Text(told, "operation"));
        Assert.Equal(scope, Text(told, "scope"));
        Assert.Equal("[\"sandbox-machines\"]", told["policies"]!.ToJsonString());
        Assert.Equal("minted", Text(told, "source"));
        Assert.Equal(
            answer.GetProperty("expires_at").GetDateTimeOffset(),
            DateTimeOffset.Parse(Text(told, "expires_at")!, null),
            TimeSpan.FromMilliseconds(1));
        Assert.Equal(HashOf(answer.GetProperty("token").GetString()!), Text(told, "token_sha256"));
        Assert.Equal(request.RequestId, Text(told, "github_request_id"));
        Assert.Equal(HashOf(credential), Text(told, "credential_sha256"));

        // As it stands: the line can be searched for a hash that another tool has made.
        Assert.Contains($"\"{HashOf(answer.GetProperty("token").GetString()!)}\"", broker.Audit.Text, StringComparison.Ordinal);
        NothingSecret(broker);
    }

    [Fact]
    public async Task A_cached_token_is_audited_for_each_caller_and_its_mint_once()
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var caller in new[] { "vm-1", "vm-2", "vm-3" })
            (await broker.PostAsync(Token, broker.Issuer.Sign(new { sub = caller }))).Dispose();
        var told = await broker.Audit.EventsAsync("token-broker.audit", 3);
        Assert.Equal(["minted", "cache", "cache"], told.Select(one => Text(one, "source")));
        Assert.Equal(["vm-1", "vm-2", "vm-3"], told.Select(one => Text(one, "caller_id")));
        Assert.Single(told.Select(one => Text(one, "token_sha256")).Distinct(StringComparer.Ordinal));
        Assert.All(told.Skip(1), one => Assert.Null(one["github_request_id"]));

        var mint = Assert.Single(await broker.Audit.EventsAsync("token-broker.mint", 1));
        Assert.Equal(
            "event time outcome operation scope expires_at token_sha256 github_request_id credential_sha256",
            string.Join(' ', mint.Select(member => member.Key)));
        foreach (var member in new[] { "operation", "scope", "expires_at", "token_sha256", "github_request_id", "credential_sha256" })
            Assert.Equal(Text(told[0], member), Text(mint, member));
    }

    [Fact]
    public async Task A_background_refresh_is_audited()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await broker.PostAsync(Token)).Dispose();
        broker.Clock!.Advance(TimeSpan.FromMinutes(45));
        (await broker.PostAsync(Token)).Dispose();
        var mints = await broker.Audit.EventsAsync("token-broker.mint", 2);
        Assert.Equal(2, mints.Select(mint => Text(mint, "github_request_id")).Distinct(StringComparer.Ordinal).Count());
        var told = await broker.Audit.EventsAsync("token-broker.audit", 2);
        Assert.Equal(["minted", "cache"], told.Select(one => Text(one, "source")));
        Assert.Equal("2026-05-01T12:45:00.000Z", Text(told[1], "time"));
    }

    [Fact]
    public async Task A_just_in_time_configuration_is_audited_with_its_runner()
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.SendAsync("POST", RunnerApi.Jit, Runner)).Is(201);
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal("jitconfig", Text(told, "operation"));
        Assert.Equal(HashOf(answer.Json.GetProperty("encoded_jit_config").GetString()!), Text(told, "token_sha256"));
        Assert.Equal(broker.RunnerOf("vm-1").Id, (long)told["runner_id"]!);
        Assert.Equal("vm-1", Text(told, "runner_name"));
        Assert.Equal(
            broker.GitHub.Requests.Recent.Single(entry => entry.Kind == SandboxRequestKind.JitConfiguration).RequestId,
            Text(told, "github_request_id"));
        Assert.Equal(HashOf(broker.GitHub.InstallationTokens.Single().Token), Text(told, "credential_sha256"));
        NothingSecret(broker);
    }

    [Fact]
    public async Task A_runner_that_may_exist_is_reported_by_name()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, times: 1, path: "generate-jitconfig");
        (await broker.SendAsync("POST", RunnerApi.Jit, Runner)).IsFailure(503, "answer-lost");
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal("refused answer-lost vm-1", $"{told["outcome"]} {told["reason"]} {told["runner_name"]}");
    }

    [Fact]
    public async Task Changes_of_a_runner_are_audited_with_its_id()
    {
        await using var broker = await TestBroker.StartAsync();
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        (await broker.SendAsync("GET", $"{RunnerApi.Organization}/{runner.Id}")).Is(200);
        (await broker.SendAsync("POST", $"{RunnerApi.Organization}/{runner.Id}/labels", new { labels = new[] { "gpu" } })).Is(200);
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}")).Is(204);
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}")).Is(404);
        var told = await broker.Audit.EventsAsync("token-broker.audit", 4);
        Assert.Equal(
            ["GET read granted 200 ", "POST labels granted 200 ", "DELETE delete granted 204 ", "DELETE delete refused 404 unknown-runner"],
            told.Select(one => $"{one["method"]} {one["operation"]} {one["outcome"]} {one["status"]} {one["reason"]}"));
        Assert.All(told, one => Assert.Equal(runner.Id, (long)one["runner_id"]!));
        Assert.Equal("vm-1", Text(told[2], "runner_name"));
        Assert.Equal(
            broker.GitHub.Requests.Recent.Single(entry => entry.Kind == SandboxRequestKind.RunnerRemoval).RequestId,
            Text(told[2], "github_request_id"));
    }

    [Fact]
    public async Task Each_refusal_is_reported_with_its_reason()
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound("""{ "Names": [ "vm-*" ] }"""), new ManualClock());
        (await broker.SendAsync("POST", "/orgs/octo-two/actions/runners/registration-token")).Is(403);
        (await broker.SendAsync("POST", Token + "?min_lifetime=soon")).Is(400);
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "" })).Is(422);
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "prod-1", runner_group_id = 1, labels = new[] { "x" } })).Is(403);
        (await broker.SendAsync("POST", "/repos/octo-org/nothing/actions/runners/registration-token")).Is(404);
        (await broker.SendAsync("POST", Token, new string('x', 70_000))).Is(413);
        (await broker.SendAsync("GET", "/users/somebody")).Is(403);
        broker.GitHub.Faults.Add(SandboxFaultNames.BadGateway);
        (await broker.SendAsync("POST", Token)).Is(503);

        var told = await broker.Audit.EventsAsync("token-broker.audit", 8);
        Assert.All(told, one => Assert.Equal("refused", Text(one, "outcome")));
        Assert.All(told, one => Assert.Null(one["token_sha256"]));
        Assert.Equal(
            [
                "registration-token orgs/octo-two 403 policy-denied scope-not-named",
                "registration-token  400 invalid-request ",
                "jitconfig  422 invalid-fields ",
                "jitconfig orgs/octo-org 403 runner-not-allowed ",
                "registration-token repos/octo-org/nothing 404 not-installed ",
                "registration-token  413 body-too-large ",
                "account users/somebody 403 policy-denied ",
                "registration-token orgs/octo-org 503 github-unavailable ",
            ],
            told.Select(one => $"{one["operation"]} {one["scope"]} {one["status"]} {one["reason"]} {one["policy_reason"]}"));
    }

    [Fact]
    public async Task Anonymous_pages_and_unknown_paths_are_not_exchanges()
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var path in new[] { "/livez", "/readyz", "/swagger/index.html", "/nowhere" })
            (await broker.SendAsync("GET", path)).Is(path == "/nowhere" ? 404 : 200);
        (await broker.SendAsync("PATCH", RunnerApi.Organization + "/1")).Is(405);
        (await broker.SendAsync("GET", "/caller")).Is(200);
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal("caller granted 200", $"{told["operation"]} {told["outcome"]} {told["status"]}");
    }

    /// <summary>With a lost caller goes its answer, and what was done for it is told all the same.</summary>
    [Fact]
    public async Task A_caller_that_leaves_is_reported()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: "generate-jitconfig");
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, RunnerApi.Jit)
        {
            Content = new StringContent(JsonSerializer.Serialize(Runner)),
        };
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        var asking = broker.Client.SendAsync(request, leaving.Token);
        await broker.GitHub.Requests.WaitUntilAsync(log => log.JitConfigurations == 1, TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal("jitconfig vm-1", $"{told["operation"]} {told["runner_name"]}");
        Assert.Contains((string?)told["reason"], ["caller-gone", "answer-lost"], StringComparer.Ordinal);
    }

    [Fact]
    public async Task Requests_without_a_valid_JWT_are_sampled_and_the_rest_counted()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        for (var times = 0; times < 5; times++)
            await RefuseAsync(broker, "not-a-jwt");
        await RefuseAsync(broker, broker.Issuer.Sign(new { aud = "elsewhere" }));
        broker.Clock!.Advance(TimeSpan.FromSeconds(1));
        await RefuseAsync(broker, "not-a-jwt");

        var told = await broker.Audit.EventsAsync("token-broker.unauthenticated", 3);
        Assert.Equal(
            ["refused 401 not-valid  0", "refused 401 wrong-audience sandbox 0", "refused 401 not-valid  4"],
            told.Select(one => $"{one["outcome"]} {one["status"]} {one["reason"]} {one["issuer"]} {one["suppressed"]}"));
        Assert.Equal(
            "event time outcome status reason request_id client_address method path operation suppressed",
            string.Join(' ', told[0].Select(member => member.Key)));
        Assert.DoesNotContain("token-broker.audit", broker.Audit.Text, StringComparison.Ordinal);
    }

    private static async Task RefuseAsync(TestBroker broker, string jwt)
    {
        using var response = await broker.PostAsync(Token, jwt);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_prefix_that_a_proxy_passes_on_does_not_hide_the_path()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
            configuration["ForwardedHeaders"] = new JsonObject { ["KnownProxies"] = new JsonArray("127.0.0.1") });
        (await broker.SendAsync("POST", Token, change: request =>
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", "10.0.3.7");
            request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", "/" + new string('p', 300));
        })).Is(201);
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal("10.0.3.7", Text(told, "client_address"));
        Assert.Equal(Token, Text(told, "path"));
    }

    private static void NothingSecret(TestBroker broker)
    {
        Assert.NotEmpty(broker.GitHub.IssuedSecrets);
        Assert.All(
            broker.GitHub.IssuedSecrets.Append(broker.GitHub.EnterpriseToken),
            secret => Assert.DoesNotContain(secret, broker.Audit.Text, StringComparison.Ordinal));
        Assert.DoesNotContain("eyJ", broker.Audit.Text, StringComparison.Ordinal);
    }

    private static string? Text(JsonObject told, string member) => (string?)told[member];

    private static string HashOf(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
