using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Sandbox;

/// <summary>How the sandbox's GitHub makes installation tokens, and which bodies it takes.</summary>
public sealed class InstallationTokenTests
{
    private const string Opaque = "^ghs_[A-Za-z0-9]{36}$";
    private const string Stateless = @"^ghs_4711_eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{342}$";

    [Theory]
    [InlineData(SandboxTokenShape.Opaque, null, Opaque, Opaque)]
    [InlineData(SandboxTokenShape.Stateless, null, Stateless, Stateless)]
    [InlineData(SandboxTokenShape.Alternating, null, Stateless, Opaque)]
    [InlineData(SandboxTokenShape.Opaque, "enabled", Stateless, Stateless)]
    [InlineData(SandboxTokenShape.Stateless, "disabled", Opaque, Opaque)]
    [InlineData(SandboxTokenShape.Opaque, "perhaps", Opaque, Opaque)]
    public async Task The_shape_is_the_settings_unless_the_request_says_which(
        SandboxTokenShape shape,
        string? header,
        string first,
        string second)
    {
        await using var client = await GitHubClient.StartAsync();
        client.GitHub.TokenShape = shape;
        foreach (var expected in new[] { first, second })
        {
            var token = await client.TokenAsync(stateless: header);
            Assert.Matches(expected, token);
            Assert.Equal(200, (await client.GetAsync(GitHubClient.Organization, token)).Status);
        }
    }

    [Fact]
    public async Task An_enterprise_server_knows_the_opaque_ones_only()
    {
        await using var client = await GitHubClient.StartAsync();
        client.GitHub.EnterpriseServer = true;
        client.GitHub.TokenShape = SandboxTokenShape.Stateless;
        Assert.Matches(Opaque, await client.TokenAsync(stateless: "enabled"));
    }

    [Fact]
    public async Task Lengths_differ_and_stay_near_520()
    {
        await using var client = await GitHubClient.StartAsync();
        client.GitHub.TokenShape = SandboxTokenShape.Stateless;
        for (var made = 0; made < 20; made++)
            await client.TokenAsync();
        var lengths = client.GitHub.InstallationTokens.Select(token => token.Token.Length).ToList();
        Assert.All(lengths, length => Assert.InRange(length, 495, 545));
        Assert.True(lengths.Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("Bearer", SandboxTokenShape.Opaque)]
    [InlineData("Bearer", SandboxTokenShape.Stateless)]
    [InlineData("token", SandboxTokenShape.Opaque)]
    [InlineData("token", SandboxTokenShape.Stateless)]
    public async Task Either_scheme_is_taken_and_noted(string scheme, SandboxTokenShape shape)
    {
        await using var client = await GitHubClient.StartAsync();
        client.GitHub.TokenShape = shape;
        var token = await client.TokenAsync();
        using var answer = await SendAsync(client.GitHub, new AuthenticationHeaderValue(scheme, token), content: null);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(scheme, client.GitHub.Requests.Recent[^1].Scheme);
    }

    [Fact]
    public async Task An_unknown_token_belongs_to_no_credential()
    {
        await using var client = await GitHubClient.StartAsync();
        using var answer = await SendAsync(
            client.GitHub,
            new AuthenticationHeaderValue("Bearer", "ghs_4711_eyJh.eyJq.c2ln"),
            content: null);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(SandboxCredentialKind.Unknown, client.GitHub.Requests.Recent[^1].Credential);
    }

    public static TheoryData<string, Func<HttpContent?>, bool> Bodies { get; } = new()
    {
        { "none", () => null, true },
        { "with its length", () => new StringContent("{}", Encoding.UTF8, "application/json"), true },
        { "chunked", () => JsonContent.Create(new { }), false },
        { "of another type", () => new StringContent("{}", Encoding.UTF8, "application/x-www-form-urlencoded"), false },
        { "of no type", () => new ByteArrayContent("{}"u8.ToArray()), false },
    };

    [Theory]
    [MemberData(nameof(Bodies), DisableDiscoveryEnumeration = true)]
    public async Task A_body_has_a_length_and_is_JSON_unless_that_is_switched_off(string which, Func<HttpContent?> body, bool passes)
    {
        foreach (var isStrict in new[] { true, false })
        {
            await using var github = await SandboxGitHub.StartAsync(new SandboxGitHubOptions { StrictBodies = isStrict });
            using var answer = await SendAsync(github, authorization: null, body());

            // What passes meets the next check, which asks for a credential.
            Assert.True(
                answer.StatusCode == (passes || !isStrict ? HttpStatusCode.Unauthorized : HttpStatusCode.BadRequest),
                $"{which}: {answer.StatusCode}");
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        SandboxGitHub github,
        AuthenticationHeaderValue? authorization,
        HttpContent? content)
    {
        using var client = new HttpClient { BaseAddress = github.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, GitHubClient.Organization + "/registration-token")
        {
            Content = content,
        };
        request.Headers.UserAgent.ParseAdd("tests");
        request.Headers.Authorization = authorization;
        return await client.SendAsync(request);
    }
}
