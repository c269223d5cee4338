using System.Globalization;
using System.Text.Json.Nodes;

namespace TokenBroker.Testing;

/// <summary>A broker with limits that a test can reach: twelve requests at once, and two of them to GitHub.</summary>
internal static class RateLimitedBroker
{
    public const int Burst = 12;
    public const int GitHubBurst = 2;

    /// <summary>A token comes in a minute, which a test's clock does not pass by itself.</summary>
    public static Task<TestBroker> StartAsync(
        Action<JsonObject>? configure = null,
        ManualClock? clock = null,
        TimeSpan gitHubDelay = default) => TestBroker.StartAsync(
        (configuration, _) =>
        {
            configuration["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = 1, ["Burst"] = Burst };
            configure?.Invoke(configuration);
        },
        clock ?? (gitHubDelay == default ? new ManualClock() : null),
        gitHubDelay);

    /// <summary>Asks as a caller of that name.</summary>
    public static Task<ApiResponse> SendAsAsync(this TestBroker broker, string subject, string method, string path, object? body = null) =>
        broker.SendAsync(method, path, body, request => request.As(broker.Issuer.Sign(new { sub = subject })));

    /// <summary>Asks with another JWT; without any if it is null.</summary>
    public static void As(this HttpRequestMessage request, string? jwt)
    {
        request.Headers.Remove("Authorization");
        if (jwt is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + jwt);
    }

    /// <summary>Asks for nothing that costs anything but the request.</summary>
    public static Task<ApiResponse> GetCallerAsync(this TestBroker broker, string subject = "vm-1") =>
        broker.SendAsAsync(subject, "GET", "/caller");

    /// <summary>Holds a 429 to telling when to come back, and by which limit.</summary>
    public static TimeSpan IsLimited(this ApiResponse answer, string limit)
    {
        answer.IsFailure(429, limit == "github" ? "too-many-github-requests" : "too-many-requests");
        var seconds = int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 1, 60);
        Assert.Equal($"\"{limit}\";r=0;t={seconds}", answer.Header("RateLimit"));
        Assert.Equal($"\"{limit}\";{(limit == "github" ? "q=2;w=120" : "q=12;w=720")}", answer.Header("RateLimit-Policy"));
        return TimeSpan.FromSeconds(seconds);
    }
}
