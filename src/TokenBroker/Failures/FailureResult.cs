using System.Globalization;
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

    // What passes by itself always says when to come back; curl and others retry no sooner.
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

        // octokit.js shows "Unknown error" for any other type, so the problem type is for those who name it.
        return response.WriteAsJsonAsync(body, options: null, AsksForProblem(httpContext.Request) ? ProblemJson : Json, httpContext.RequestAborted);
    }

    private long RetryAfterSeconds(TimeSpan wait, HttpContext context)
    {
        var spread = Failure.Kind.SpreadsRetries ? wait * Failure.Kind.Spread * context.RequestServices.GetRequiredService<Random>().NextDouble() : TimeSpan.Zero;
        return Math.Max(1, (long)Math.Ceiling((wait + spread).TotalSeconds));
    }

    private static bool AsksForProblem(HttpRequest request) =>
        request.Headers.Accept.Sum(accept => accept?.Length) <= LongestAccept
        && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && accepted.Any(type => type.MediaType.Equals("application/problem+json", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);
}
