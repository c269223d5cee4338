using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>The broker's own credentials: how they are given, rotated, refused and kept to itself.</summary>
public sealed class CredentialTests
{
    private const string Organization = "/orgs/octo-org/actions/runners/registration-token";
    private const string Enterprise = "/enterprises/octo-ent/actions/runners/registration-token";

    [Fact]
    public async Task A_new_App_key_is_used_when_its_file_changes()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var next = SandboxGitHub.NewAppKey();
        broker.GitHub.UseAppKey(next);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(broker, Organization));
        Assert.Equal(2, broker.GitHub.Requests.Total);
        broker.Clock!.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(broker, Organization));
        Assert.Equal(2, broker.GitHub.Requests.Total);

        broker.WriteFile("app.pem", "-----BEGIN RSA PRIVATE KEY-----\nhalf writ");
        await PollFilesAsync(broker, "app.pem cannot be used: it is a truncated or damaged key. Copy the whole .pem file that GitHub "
            + "generated for the App again. The last good version stays in use");
        Assert.DoesNotContain("half writ", broker.Logs.Text, StringComparison.Ordinal);
        broker.WriteFile("app.pem", next);
        await PollFilesAsync(broker, "app.pem changed");
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
    }

    [Fact]
    public async Task A_new_enterprise_token_is_used_when_its_file_changes()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.EnterpriseToken = "ghp_another";
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(broker, Enterprise));
        var requests = broker.GitHub.Requests.Total;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(broker, Enterprise));
        Assert.Equal(requests, broker.GitHub.Requests.Total);
        broker.WriteFile("enterprise-token", "ghp_another\n");
        await PollFilesAsync(broker, "enterprise-token changed");
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Enterprise));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task A_clock_that_is_minutes_off_is_corrected_by_GitHubs(int minutes)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.ClockOffset = TimeSpan.FromMinutes(minutes);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);
        broker.Clock!.Advance(TimeSpan.FromMinutes(35));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);
    }

    [Fact]
    public async Task The_key_may_be_the_PEM_itself_plain_or_in_base64_and_the_App_be_known_by_its_number()
    {
        foreach (var isEncoded in new[] { false, true })
        {
            await using var broker = await TestBroker.StartAsync((configuration, host) =>
            {
                var pem = host.GitHub.AppPrivateKeyPem;
                configuration["GitHub"]!["App"] = new JsonObject
                {
                    ["ClientId"] = host.GitHub.AppId.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["PrivateKey"] = isEncoded ? Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)) : pem,
                };
            });
            Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        }
    }

    [Fact]
    public async Task GitHub_Enterprise_Servers_address_has_a_path()
    {
        await using var broker = await TestBroker
            .StartAsync((configuration, host) => configuration["GitHub"]!["ApiUrl"] = new Uri(host.GitHub.Address, "/api/v3").ToString());
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Enterprise));
    }

    [Fact]
    public async Task No_secret_stands_in_a_log_or_an_error()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var errors = new StringBuilder();
        string[] faults =
        [
            SandboxFaultNames.ServerError, SandboxFaultNames.TruncatedJson, SandboxFaultNames.ResetMidway,
            SandboxFaultNames.MissingPermission,
            SandboxFaultNames.AppRefused, SandboxFaultNames.EnterpriseTokenRefused, SandboxFaultNames.ExpiredToken,
            SandboxFaultNames.SecondaryLimit,
        ];
        var jwts = new List<string>();
        foreach (var fault in faults.Prepend(null))
        {
            if (fault is not null)
                broker.GitHub.Faults.Add(fault, seconds: 5);
            foreach (var scope in new[] { "orgs/octo-org", "repos/octo-org/hello", "enterprises/octo-ent" })
            {
                jwts.Add(broker.Issuer.Sign());
                using var response = await broker.PostAsync($"/{scope}/actions/runners/registration-token?min_lifetime=2700", jwts[^1]);
                if (!response.IsSuccessStatusCode)
                    errors.Append(await response.Content.ReadAsStringAsync());
            }

            broker.GitHub.Faults.Clear();
            broker.Clock!.Advance(TimeSpan.FromMinutes(20));
        }

        var written = broker.Logs.Text + errors;
        var keyLines = broker.GitHub.AppPrivateKeyPem.Split('\n').Where(line => line.Length > 40);
        foreach (var secret in broker.GitHub.IssuedSecrets.Concat(jwts).Append(broker.GitHub.EnterpriseToken).Concat(keyLines))
            Assert.DoesNotContain(secret, written, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", written, StringComparison.Ordinal);
        Assert.True(broker.GitHub.IssuedSecrets.Count > 5);
    }

    // Files are polled on the broker's clock by a loop of its own.
    private static async Task PollFilesAsync(TestBroker broker, string logged)
    {
        broker.Clock!.Advance(TimeSpan.FromSeconds(6));
        await Eventually.IsTrueAsync(() => broker.Logs.Text.Contains(logged, StringComparison.Ordinal), "the log said: " + logged);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestBroker broker, string path)
    {
        using var response = await broker.PostAsync(path);
        return response.StatusCode;
    }
}
