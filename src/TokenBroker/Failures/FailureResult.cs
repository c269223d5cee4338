using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.Net.Http.Headers;
using TokenBroker.Telemetry;

namespace TokenBroker.Failures;

/// <summary>Answers a request with a <see cref="Failure"/>.</summary>
internal sealed class FailureResult(Failure failure) : IResult
{
    private const string Json = "application/json; charset=utf-8";
    private const int LongestAccept = 1024;
    private const string ProblemJson = "application/problem+json; charset=utf-8";
    public const string Documentation = "https://docs.github.com/rest/actions/self-hosted-runners";

    // A 503 always carries Retry-After; curl and other clients do not retry sooner.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public Failure Failure { get; } = failure;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.RequestServices.GetRequiredService<BrokerMetrics>().Failed(Failure.Kind.Name);
        var response = httpContext.Response;
        response.StatusCode = Failure.Kind.Status;
        response.Headers.CacheControl = "no-store";
        if ((Failure.RetryAfter ?? (Failure.Kind.Status == StatusCodes.Status503ServiceUnavailable ? Soon : null)) is { } wait)
            response.Headers.RetryAfter = RetryAfterSeconds(wait, httpContext).ToString(CultureInfo.InvariantCulture);

        var body = new FailureBody
        {
            Type = Failure.Kind.Type,
            Title = Failure.Kind.Title,
            Status = Failure.Kind.Status,
            Detail = Failure.Detail,
            Message = Failure.Detail,
            DocumentationUrl = Documentation,
            RequestId = httpContext.TraceIdentifier,
            Errors = Failure.Fields is { Count: > 0 } fields ? fields : null,
        };

        // octokit.js shows "Unknown error" for any other media type, so the problem type is only for clients that ask for it.
        var mediaType = AsksForProblem(httpContext.Request) ? ProblemJson : Json;
        return response.WriteAsJsonAsync(body, options: null, mediaType, httpContext.RequestAborted);
    }

    private long RetryAfterSeconds(TimeSpan wait, HttpContext context)
    {
        var spread = Failure.Kind.SpreadsRetries
            ? wait * Failure.Kind.Spread * context.RequestServices.GetRequiredService<Random>().NextDouble()
            : TimeSpan.Zero;
        return Math.Max(1, (long)Math.Ceiling((wait + spread).TotalSeconds));
    }

    private static bool AsksForProblem(HttpRequest request) =>
        request.Headers.Accept.Sum(accept => accept?.Length) <= LongestAccept
        && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type =>
            type.MediaType.Equals("application/problem+json", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);
}

/// <summary>The body of an error: the members of RFC 9457 beside those that GitHub's clients read.</summary>
internal sealed record FailureBody
{
    /// <example>urn:token-broker:problem:policy-denied</example>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("documentation_url")]
    public required string DocumentationUrl { get; init; }

    [JsonPropertyName("request_id")]
    public required string RequestId { get; init; }

    [JsonPropertyName("errors"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldFault>? Errors { get; init; }
}
