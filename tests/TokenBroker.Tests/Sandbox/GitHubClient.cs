using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Sandbox;

/// <summary>A GitHub of the sandbox and somebody who holds its App's key.</summary>
internal sealed class GitHubClient : IAsyncDisposable
{
    public const string Organization = "/orgs/octo-org/actions/runners";
    public const string Repository = "/repos/octo-org/hello/actions/runners";
    public const string Enterprise = "/enterprises/octo-ent/actions/runners";

    private static readonly string AppKey = SandboxGitHub.NewAppKey();

    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(30) };

    private GitHubClient(SandboxGitHub gitHub) => GitHub = gitHub;

    public SandboxGitHub GitHub { get; }

    public static async Task<GitHubClient> StartAsync() =>
        new(await SandboxGitHub.StartAsync(new SandboxGitHubOptions { AppKey = AppKey }));

    /// <summary>An installation token of octo-org that may do what runner endpoints need at a level.</summary>
    /// <param name="level">What it may do.</param>
    /// <param name="stateless">What the request says of the token's shape; null for nothing.</param>
    public async Task<string> TokenAsync(string level = "write", string? stateless = null)
    {
        var installation = GitHub.Accounts.Find("octo-org")!.Installation!.Id;
        var body = $$"""{"permissions": {"administration": "{{level}}", "organization_self_hosted_runners": "{{level}}"} }""";
        var answer = await SendAsync(
            HttpMethod.Post,
            FormattableString.Invariant($"/app/installations/{installation}/access_tokens"),
            AppJwt(),
            body,
            stateless: stateless);
        return answer.Json["token"]!.GetValue<string>();
    }

    public Task<GitHubReply> GetAsync(string path, string token, string? tag = null) => SendAsync(HttpMethod.Get, path, token, tag: tag);

    public async Task<GitHubReply> SendAsync(
        HttpMethod method,
        string path,
        string token,
        string? body = null,
        string? tag = null,
        string? stateless = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(GitHub.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.UserAgent.ParseAdd("tests");
        if (tag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        if (stateless is not null)
            request.Headers.TryAddWithoutValidation("X-GitHub-Stateless-S2S-Token", stateless);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new GitHubReply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), headers);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await GitHub.DisposeAsync();
    }

    private string AppJwt()
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(GitHub.AppPrivateKeyPem);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject { ["iss"] = GitHub.ClientId, ["iat"] = now, ["exp"] = now + 300, ["jti"] = Guid.NewGuid().ToString() };
        var signed = Base64UrlEncoder.Encode("""{"alg":"RS256","typ":"JWT"}""") + "." + Base64UrlEncoder.Encode(payload.ToJsonString());
        return signed + "." + Base64UrlEncoder.Encode(
            rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}

internal sealed record GitHubReply(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Message => Json["message"]!.GetValue<string>();

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
