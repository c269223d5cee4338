using System.Globalization;
using System.IdentityModel.Tokens.Jwt;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.GitHub;

/// <summary>What goes over the wire to GitHub.</summary>
public sealed class WireTests
{
    [Fact]
    public async Task Every_request_names_the_broker_and_the_API_version()
    {
        var (github, broker) = await RecordingGitHub.StartAsync();
        await using var first = broker;
        await using var second = github;
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken();
        Assert.Equal(4, github.Requests.Count);
        Assert.All(github.Requests, request =>
        {
            Assert.StartsWith("token-broker/", request.Headers["User-Agent"], StringComparison.Ordinal);
            Assert.Equal("application/vnd.github+json", request.Headers["Accept"]);
            Assert.Equal("2022-11-28", request.Headers["X-GitHub-Api-Version"]);

            // Nothing of the caller's goes along.
            Assert.DoesNotContain("Cookie", request.Headers.Keys, StringComparer.OrdinalIgnoreCase);
            Assert.DoesNotContain("X-Forwarded-For", request.Headers.Keys, StringComparer.OrdinalIgnoreCase);
        });
        Assert.Equal("Bearer " + broker.GitHub.EnterpriseToken, github.Requests.Last().Authorization);
        Assert.Equal("Bearer " + broker.GitHub.InstallationTokens.Single().Token, github.Requests.ElementAt(2).Authorization);
    }

    [Fact]
    public async Task The_Apps_JWT_is_what_GitHub_asks_for_and_never_the_same_twice()
    {
        var (github, broker) = await RecordingGitHub.StartAsync();
        await using var first = broker;
        await using var second = github;
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();

        var jwts = github.Requests.Where(request => request.Authorization.StartsWith("Bearer eyJ", StringComparison.Ordinal))
            .Select(request => request.Authorization[7..])
            .ToList();
        Assert.Equal(3, jwts.Count);
        Assert.Equal(3, jwts.Select(jwt => new JwtSecurityTokenHandler().ReadJwtToken(jwt).Id)
            .Where(id => id is not null)
            .Distinct(StringComparer.Ordinal)
            .Count());
        Assert.All(jwts, jwt => AssertShape(jwt, broker.GitHub.AppPrivateKeyPem, broker.GitHub.ClientId));
    }

    [Fact]
    public async Task An_installation_token_is_asked_for_with_one_permission_and_one_repository()
    {
        var (github, broker) = await RecordingGitHub.StartAsync();
        await using var first = broker;
        await using var second = github;
        (await broker.RequestTokenAsync("repos/OCTO-Org/Hello")).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsToken();
        var asked = github.Requests.Where(request => request.Path.EndsWith("/access_tokens", StringComparison.Ordinal)).ToList();
        var bodies = asked.Select(request => request.Body).ToList();
        Assert.Equal(
            ["""{"repositories":["hello"],"permissions":{"administratio"""
                + """n":"write"}}""", """{"permissions":{"organization_self_hosted_runners":"write"}}"""],
            bodies);

        // All of these are ASCII.
        Assert.All(asked, request => Assert.Equal(
            ("application/json", request.Body.Length.ToString(CultureInfo.InvariantCulture), null),
            (MediaTypeHeaderValue.Parse(request.Headers["Content-Type"]).MediaType, request.Headers["Content-Length"], request.Headers
                .GetValueOrDefault("Transfer-Encoding"))));
    }

    [Fact]
    public async Task A_connection_that_GitHub_closes_costs_one_request_an_attempt()
    {
        var (github, broker) = await RecordingGitHub.StartAsync(clock: new ManualClock());
        await using var first = broker;
        await using var second = github;
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        github.ClosesOn = "/remove-token";
        Assert.Equal(503, (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).Status);
        Assert.Equal(5, github.Requests.Count(request => request.Path.EndsWith("/remove-token", StringComparison.Ordinal)));
        Assert.Equal("0", github.Requests.Last().Headers["Content-Length"]);
    }

    [Fact]
    public async Task Below_an_address_with_a_path_every_request_is()
    {
        var (github, broker) = await RecordingGitHub.StartAsync("/api/v3/");
        await using var first = broker;
        await using var second = github;
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Enterprise, "remove")).IsToken();
        Assert.Equal(
            [
                "GET /api/v3/repos/octo-org/hello/installation",
                $"POST /api/v3/app/installations/{broker.GitHub.InstallationTokens.Single().InstallationId}/access_tokens",
                "POST /api/v3/repos/octo-org/hello/actions/runners/registration-token",
                "POST /api/v3/enterprises/octo-ent/actions/runners/remove-token",
            ],
            github.Requests.Select(request => $"{request.Method} {request.Path}"));
    }

    private static void AssertShape(string jwt, string pem, string clientId)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        var handler = new JwtSecurityTokenHandler();
        handler.ValidateToken(jwt, new TokenValidationParameters
        {
            IssuerSigningKey = new RsaSecurityKey(rsa)
            {
                CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
            },
            ValidIssuer = clientId,
            ValidateAudience = false,
        }, out _);
        var read = handler.ReadJwtToken(jwt);
        Assert.Equal("RS256", read.Header.Alg);
        Assert.InRange(read.ValidTo - read.IssuedAt, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
        Assert.InRange(TimeProvider.System.GetUtcNow().UtcDateTime - read.IssuedAt, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));
        Assert.Equal(["exp", "iat", "iss", "jti"], read.Payload.Keys.Order(StringComparer.Ordinal));
    }
}
