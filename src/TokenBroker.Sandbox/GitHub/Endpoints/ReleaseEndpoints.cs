using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>The runner's software: where it is, and until when a version may be used.</summary>
internal sealed class ReleaseEndpoints(ScopeAccess access, Secrets secrets, SandboxEdition edition, RunnerAnswer answer)
{
    private static readonly (string System, string Architecture, string Extension)[] Builds =
    [
        ("osx", "x64", "tar.gz"),
        ("linux", "x64", "tar.gz"),
        ("linux", "arm", "tar.gz"),
        ("win", "x64", "zip"),
        ("linux", "arm64", "tar.gz"),
        ("osx", "arm64", "tar.gz"),
        ("win", "arm64", "zip"),
    ];

    public void Map(IEndpointRouteBuilder scope)
    {
        // See https://docs.github.com/rest/actions/self-hosted-runners#list-runner-applications-for-an-organization
        scope.MapGet("/downloads", access.Read(ListAsync));
        scope.MapGet("/deprecations/{version}", access.Read(GetDeprecationAsync));
    }

    private async Task ListAsync(HttpContext context, SandboxScope scope)
    {
        var token = edition.DownloadTokens ? secrets.DownloadToken() : null;
        await answer.WriteAsync(context, StatusCodes.Status200OK, new JsonArray([.. Builds.Select(build => Describe(build, token))]));
    }

    private async Task GetDeprecationAsync(HttpContext context, SandboxScope scope)
    {
        var text = (string)context.Request.RouteValues["version"]!;
        if (edition.EnterpriseServer || !Version.TryParse(text, out var version) || version.Build < 0)
        {
            await GitHubError.NotFoundAsync(context);
            return;
        }

        var old = version < Version.Parse(SandboxRunnerRelease.Version);
        await answer.WriteAsync(context, StatusCodes.Status200OK, new JsonObject
        {
            ["runner_version"] = text,
            ["registration_deprecates_at"] = old ? "2026-03-16T00:00:00Z" : null,
            ["runtime_deprecates_at"] = old ? "2026-09-01T00:00:00Z" : null,
        });
    }

    private static JsonObject Describe((string System, string Architecture, string Extension) build, string? token)
    {
        var file = $"actions-runner-{build.System}-{build.Architecture}-{SandboxRunnerRelease.Version}.{build.Extension}";
        var json = new JsonObject
        {
            ["os"] = build.System,
            ["architecture"] = build.Architecture,
            ["download_url"] = $"https://github.com/actions/runner/releases/download/v{SandboxRunnerRelease.Version}/{file}",
            ["filename"] = file,
            ["sha256_checksum"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file))),
        };
        if (token is not null)
            json["temp_download_token"] = token;
        return json;
    }
}
