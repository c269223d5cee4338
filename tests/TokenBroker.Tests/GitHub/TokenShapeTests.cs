using System.Security.Cryptography;
using System.Text;
using TokenBroker.GitHub;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub's installation tokens have two shapes: 40 characters, and a JWT behind the App's id, of about 520.</summary>
public sealed class TokenShapeTests
{
    [Theory]
    [InlineData(SandboxTokenShape.Opaque, TokenRequests.Organization, 40, 40)]
    [InlineData(SandboxTokenShape.Opaque, TokenRequests.Repository, 40, 40)]
    [InlineData(SandboxTokenShape.Stateless, TokenRequests.Organization, 495, 545)]
    [InlineData(SandboxTokenShape.Stateless, TokenRequests.Repository, 495, 545)]
    public async Task Either_is_minted_once_and_used_as_Bearer(SandboxTokenShape shape, string scope, int shortest, int longest)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.TokenShape = shape;
        foreach (var kind in new[] { "registration", "registration", "remove" })
            (await broker.RequestTokenAsync(scope, kind)).IsToken();

        var token = Assert.Single(broker.GitHub.InstallationTokens).Token;
        Assert.InRange(token.Length, shortest, longest);
        var used = broker.GitHub.Requests.Recent.Where(request => request.Credential == SandboxCredentialKind.InstallationToken).ToList();
        Assert.Equal([SandboxRequestKind.RegistrationToken, SandboxRequestKind.RemoveToken], used.Select(request => request.Kind));
        Assert.All(broker.GitHub.Requests.Recent, request => Assert.Equal("Bearer", request.Scheme));
    }

    [Theory]
    [InlineData(SandboxTokenShape.Opaque)]
    [InlineData(SandboxTokenShape.Stateless)]
    public async Task Audit_identifies_it_by_its_hash_and_nothing_reveals_a_part(SandboxTokenShape shape)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.TokenShape = shape;
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        var token = Assert.Single(broker.GitHub.InstallationTokens).Token;
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token))), (string?)told["credential_sha256"]);

        var refused = await RefuseAsync(broker, shape);
        foreach (var written in new[] { broker.Logs.Text, broker.Audit.Text, refused.Text })
        {
            // Its beginning says no more than whose it is; any part behind that is a part of the secret.
            foreach (var part in broker.GitHub.InstallationTokens
                .SelectMany(one => one.Token.Split('.', '_'))
                .Where(part => part.Length > 20))
                Assert.DoesNotContain(part, written, StringComparison.Ordinal);
            Assert.DoesNotContain("ghs_", written, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task From_one_to_the_other_and_back_no_caller_is_refused()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        foreach (var shape in new[]
        {
            SandboxTokenShape.Opaque,
            SandboxTokenShape.Stateless,
            SandboxTokenShape.Opaque,
            SandboxTokenShape.Alternating,
        })
        {
            broker.GitHub.TokenShape = shape;

            // Those of the former shape serve on until they end.
            var minted = broker.GitHub.InstallationTokens.Count;
            foreach (var kind in new[] { "registration", "remove" })
            {
                (await broker.RequestTokenAsync(TokenRequests.Organization, kind)).IsToken();
                (await broker.RequestTokenAsync(TokenRequests.Repository, kind)).IsToken();
            }

            Assert.Equal(minted == 0 ? 2 : minted, broker.GitHub.InstallationTokens.Count);
            broker.Advance(61 * 60);
            foreach (var scope in new[] { TokenRequests.Organization, TokenRequests.Repository })
                (await broker.RequestTokenAsync(scope)).IsToken();
        }

        Assert.Equal(
            [40, 40, 40, 40, 500, 500, 40, 40, 500, 40],
            broker.GitHub.InstallationTokens.Select(token => token.Token.Length == 40 ? 40 : 500));
        Assert.DoesNotContain(broker.GitHub.Requests.Recent, request => request.Status is not (200 or 201));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(520)]
    [InlineData(4096)]
    public async Task A_token_may_be_far_longer_than_any_that_is_known(int length)
    {
        var token = "ghs_4711_" + new string('x', length - 9);
        var answer = await OctokitResponse.ReadAsync($$"""{"token":"{{token}}","expires_at":"2026-05-01T13:00:00Z"}""");
        Assert.Equal(token, IssuedToken.Read(answer, new ManualClock()).Value);
    }

    // A token that has served is refused by GitHub: the broker tries another one, and says what came of it.
    private static async Task<TokenResponse> RefuseAsync(TestBroker broker, SandboxTokenShape shape)
    {
        broker.Advance(61 * 60);
        broker.GitHub.Faults.Add(SandboxFaultNames.MissingPermission, path: "registration-token");
        var refused = await broker.RequestTokenAsync(TokenRequests.Repository);
        Assert.True(refused.Status == 403, $"{shape}: {refused.Text}");
        Assert.True(broker.GitHub.InstallationTokens.Count > 1);
        return refused;
    }
}
