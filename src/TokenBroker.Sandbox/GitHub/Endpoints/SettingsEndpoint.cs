using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Changes settings that fail no request, but that a broker should notice.</summary>
internal sealed class SettingsEndpoint(SandboxGitHub github, SandboxClock clock)
{
    private const string Path = ControlEndpoints.Prefix + "/settings";
    private const double LongestSeconds = 366 * 24 * 3600;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, WriteAsync);
        routes.MapPost(Path, ChangeAsync);
    }

    private async Task ChangeAsync(HttpContext context)
    {
        if (Read(await JsonBody.ReadAsync(context)) is not { } settings)
        {
            await GitHubError.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                "The body must be a JSON object with one or more of clock_offset, rate_limit_used, enterprise_token_scopes, "
                    + "enterprise_token_expires_in and token_shape.");
            return;
        }

        if (settings.ClockOffset is { } offset)
            github.ClockOffset = TimeSpan.FromSeconds(offset);
        if (settings.EnterpriseTokenExpiresIn is { } seconds)
            github.EnterpriseTokenExpiresAt = clock.Now.AddSeconds(seconds);
        github.RateLimitUsed = settings.RateLimitUsed ?? github.RateLimitUsed;
        github.EnterpriseTokenScopes = settings.EnterpriseTokenScopes ?? github.EnterpriseTokenScopes;
        github.TokenShape = settings.TokenShape ?? github.TokenShape;
        await WriteAsync(context);
    }

    private static Settings? Read(JsonObject? body)
    {
        try
        {
            var settings = body.Deserialize<Settings>(Strict);
            return settings?.Durations.All(seconds => Math.Abs(seconds) <= LongestSeconds) == true ? settings : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Task WriteAsync(HttpContext context)
    {
        var settings = new Settings(
            github.ClockOffset.TotalSeconds,
            github.RateLimitUsed,
            github.EnterpriseTokenScopes,
            (github.EnterpriseTokenExpiresAt - clock.Now)?.TotalSeconds,
            github.TokenShape);
        return GitHubJson.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToNode(settings, Strict)!);
    }

    // Seconds, as in faults.
    private sealed record Settings(
        double? ClockOffset,
        int? RateLimitUsed,
        IReadOnlyList<string>? EnterpriseTokenScopes,
        double? EnterpriseTokenExpiresIn,
        SandboxTokenShape? TokenShape)
    {
        [JsonIgnore]
        public IEnumerable<double> Durations => [ClockOffset ?? 0, EnterpriseTokenExpiresIn ?? 0];
    }
}
