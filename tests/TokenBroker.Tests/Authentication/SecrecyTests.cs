using System.Net;
using System.Text;
using System.Text.Json;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>Whatever is logged, at any level, and whatever a caller is told holds no JWT, no token and no key.</summary>
public sealed class SecrecyTests
{
    [Fact]
    public async Task No_credential_stands_in_a_log_or_an_error()
    {
        await using var down = await IssuerSettings.StartAnotherAsync();
        await using var attacker = await IssuerSettings.StartAnotherAsync();
        await down.StopAsync();
        using var hand = new RawJwtSigner();
        await using var broker = await TestBroker.StartAsync((configuration, broker) =>
        {
            configuration.SetDiscovered("down", down);
            configuration.SetIssuer(
                "by-hand",
                new { RawJwtSigner.Issuer, JwksPath = broker.WriteFile("keys.json", hand.KeySet), Audiences = new[] { "token-broker" } });
        });
        var issuer = broker.Issuer;
        string[] refused =
        [
            issuer.WithoutSignature(), issuer.Sign(key: attacker.SigningKey), issuer.Sign(new { exp = 1 }),
            issuer.Sign(new { exp = 1e300 }), issuer.Sign(new { aud = "other" }),
            issuer.Sign(new { iss = "https://other.example" }), issuer.Sign(new { iss = issuer.Issuer + "/" }),
            issuer.Sign(new { nbf = Forgery.Seconds(900) }),
            issuer.Sign(header: new { crit = new[] { "exp" } }),
            issuer.Sign(header: new { jwk = attacker.SigningKey.ToJwk() }, key: attacker.SigningKey), issuer.Sign()[..^9],
            issuer.Sign() + ".AAAA",
            issuer.Sign(header: new { kid = (string?)null }, key: attacker.SigningKey), down.Sign(), attacker.Sign(),
            issuer.Sign(new { sub = "stranger" }), "no-jwt-but-a-secret",
            hand.Sign(RawJwtSigner.Payload(",\"sub\":\"twice\"")), hand.Sign(RawJwtSigner.Payload(",\"a\":\"\\ud800\"")),
            hand.Sign("{\"iss\":["), hand.Sign("null"),
        ];
        string[] accepted = [issuer.Sign(), hand.Sign(RawJwtSigner.Payload()), hand.Sign(RawJwtSigner.Payload(), algorithm: "ES384")];

        var told = new List<string>();
        var given = new List<string>();
        foreach (var form in new Func<string, string>[] { jwt => "Bearer " + jwt, jwt => "token " + jwt, jwt => "Basic " + Basic(jwt) })
        {
            foreach (var jwt in refused)
                told.Add(await AskAsync(broker, form(jwt), isAccepted: false));
            foreach (var jwt in accepted)
                given.Add(JsonElement.Parse(await AskAsync(broker, form(jwt), isAccepted: true)).GetProperty("token").GetString()!);
        }

        string[] keys = [broker.GitHub.EnterpriseToken, .. broker.GitHub.AppPrivateKeyPem.Split('\n').Where(line => line.Length > 20)];
        IEnumerable<string> parts = refused.Concat(accepted)
            .SelectMany(jwt => jwt.Split('.').Append(jwt).Append(Basic(jwt)))
            .Where(part => part.Length > 8);
        var secrets = parts.Concat(given).Concat(keys).Distinct(StringComparer.Ordinal).ToList();
        foreach (var text in told.Append(broker.Logs.Text))
        {
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));

            // So every JWT and every token of GitHub's begins, those that the broker shows to GitHub too.
            Assert.DoesNotContain("eyJ", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("gh[ps]_", text);
        }

        Assert.Contains("Caller refused", broker.Logs.Text, StringComparison.Ordinal);
        Assert.Contains("Allowed caller", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SandboxIssuerFault.None, 0)]
    [InlineData(SandboxIssuerFault.Redirect, 1)]
    public async Task The_token_that_is_shown_to_an_issuer_is_not_logged(SandboxIssuerFault fault, int failures)
    {
        const string Secret = "backchannel-secret";
        await using var issuer = await IssuerSettings.StartAnotherAsync();
        issuer.Fail(fault);
        await using var broker = await TestBroker.StartAsync((configuration, broker) => configuration.SetIssuer("shown", new
        {
            Authority = issuer.AddressText(),
            Audiences = new[] { "token-broker" },
            RequireHttpsMetadata = false,
            BackchannelTokenPath = broker.WriteFile("backchannel", Secret),
        }));
        Assert.Equal(failures > 0, broker.Logs.Text.Contains("Issuer shown: its keys cannot be fetched", StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, broker.Logs.Text, StringComparison.Ordinal);
    }

    private static string Basic(string jwt) => Convert.ToBase64String(Encoding.UTF8.GetBytes("github:" + jwt));

    private static async Task<string> AskAsync(TestBroker broker, string authorization, bool isAccepted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, AuthenticationAssertions.Path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await broker.Client.SendAsync(request);
        Assert.True(isAccepted == (response.StatusCode == HttpStatusCode.Created), $"{response.StatusCode} for {authorization}");
        var headers = string.Join('\n', response.Headers.Select(header => header.Key + ": " + string.Join(',', header.Value)));
        var body = await response.Content.ReadAsStringAsync();
        return isAccepted ? body : headers + body;
    }
}
