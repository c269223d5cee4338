using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>The page's lines that ask a platform by HTTP for the JWT ask as that platform wants it.</summary>
public sealed class CommandTests
{
    private const string Jwt = "header.payload.signature";

    [Fact]
    public async Task Google_Compute_Engine()
    {
        var jwt = await GetAsync("Google Compute Engine", "http://metadata.google.internal", platform =>
            platform.MapGet("/computeMetadata/v1/instance/service-accounts/default/identity", (HttpRequest request) =>
                request.Headers["Metadata-Flavor"] == "Google"
                    && request.Query["format"] == "full"
                    && request.Query["audience"] == Audience("Google Compute Engine")
                    ? Results.Text(Jwt) : Results.BadRequest()));
        Assert.Equal(Jwt, jwt);
    }

    [Fact]
    public async Task Azure_managed_identity()
    {
        var jwt = await GetAsync("Azure managed identity", "http://169.254.169.254", platform =>
            platform.MapGet("/metadata/identity/oauth2/token", (HttpRequest request) =>
                request.Headers["Metadata"] == "true"
                    && request.Query["api-version"] == "2018-02-01"
                    && request.Query["resource"] == Audience("Azure managed identity", "azure-v1")
                    ? Results.Json(new { access_token = Jwt, token_type = "Bearer" }) : Results.BadRequest()));
        Assert.Equal(Jwt, jwt);
    }

    [Fact]
    public async Task GitHub_Actions()
    {
        var jwt = await GetAsync("GitHub Actions", "unused", platform =>
            platform.MapGet("/idtoken", (HttpRequest request) =>
                request.Headers.Authorization == "Bearer request-token"
                    && request.Query["api-version"] == "2.0"
                    && request.Query["audience"] == Audience("GitHub Actions")
                    ? Results.Json(new { count = 1, value = Jwt }) : Results.BadRequest()));
        Assert.Equal(Jwt, jwt);
    }

    [Fact]
    public async Task The_claims_of_a_JWT_are_shown_and_why_the_broker_refuses_it()
    {
        Shell.Needs("curl", "jq");
        await using var broker = await TestBroker.StartAsync();
        using var folder = new TemporaryFolder();
        const string Page = "docs/troubleshooting.md";
        var jwt = broker.Issuer.Sign(new { sub = "büro-1" });
        var ask = Documentation.Block(Page, "bash", "https://broker.example/caller");
        var script = ask.Replace("https://broker.example/", broker.Address.ToString(), StringComparison.Ordinal)
            + Documentation.Block(Page, "bash", "fromjson");
        var answers = await Shell.RunAsync(script, folder.PathOf(""), ("JWT", jwt));
        Assert.Contains("\"matches\":false,\"claim\":\"sub\",\"value\":", answers, StringComparison.Ordinal);
        Assert.Contains("  \"sub\": \"büro-1\"", answers, StringComparison.Ordinal);
    }

    private static string Audience(string heading, string? issuer = null)
    {
        var issuers = CallersPage.Configuration(heading)["Authentication"]!["Issuers"]!.AsObject();
        return (string)(issuer is null ? Assert.Single(issuers).Value : issuers[issuer])!["Audiences"]![0]!;
    }

    private static async Task<string> GetAsync(string heading, string address, Action<WebApplication> map)
    {
        Shell.Needs("curl", "jq");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var platform = builder.Build();
        platform.Urls.Add("http://127.0.0.1:0");
        map(platform);
        await platform.StartAsync();

        using var folder = new TemporaryFolder();
        var line = CallersPage.Lines(heading).Single(line => line.StartsWith("JWT=", StringComparison.Ordinal));
        var script = line.Replace(address, platform.Urls.Single(), StringComparison.Ordinal) + "printf %s \"$JWT\"";
        return await Shell.RunAsync(
            script,
            folder.PathOf(""),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", platform.Urls.Single() + "/idtoken?api-version=2.0"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token"));
    }
}
