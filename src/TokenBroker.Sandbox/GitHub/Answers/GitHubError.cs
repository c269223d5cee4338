using System.Globalization;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>GitHub's refusals, word for word.</summary>
internal static class GitHubError
{
    private const string Documentation = "https://docs.github.com/rest";
    private const string SecondaryLimits =
        "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits";

    public static Task WriteAsync(HttpContext context, int status, string message, string documentation = Documentation) =>
        GitHubJson.WriteAsync(context, status, new JsonObject
        {
            ["message"] = message,
            ["documentation_url"] = documentation,
            ["status"] = status.ToString(CultureInfo.InvariantCulture),
        });

    public static Task NotFoundAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status404NotFound, "Not Found");

    public static Task UnauthorizedAsync(HttpContext context, string message) =>
        WriteAsync(context, StatusCodes.Status401Unauthorized, message);

    public static Task BadCredentialsAsync(HttpContext context) => UnauthorizedAsync(context, "Bad credentials");

    public static Task ForbiddenAsync(HttpContext context, string message) => WriteAsync(context, StatusCodes.Status403Forbidden, message);

    public static Task NotAccessibleAsync(HttpContext context) => ForbiddenAsync(context, "Resource not accessible by integration");

    public static Task SuspendedAsync(HttpContext context) => ForbiddenAsync(context, "This installation has been suspended");

    public static Task UnprocessableAsync(HttpContext context, string message) =>
        WriteAsync(context, StatusCodes.Status422UnprocessableEntity, message);

    /// <summary>What is wrong with the members of a body, one sentence each.</summary>
    public static Task InvalidAsync(HttpContext context, IEnumerable<string> errors) =>
        GitHubJson.WriteAsync(context, StatusCodes.Status422UnprocessableEntity, new JsonObject
        {
            ["message"] = "Validation Failed",
            ["errors"] = new JsonArray([.. errors.Select(error => JsonValue.Create(error))]),
            ["documentation_url"] = Documentation,
            ["status"] = "422",
        });

    public static Task UnparsableAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status400BadRequest, "Problems parsing JSON");

    public static Task RateLimitedAsync(HttpContext context, int status) => WriteAsync(
        context,
        status,
        $"API rate limit exceeded for {SandboxRequest.Of(context).Credential.Account}. {Support(context)}",
        "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api");

    public static Task SecondaryLimitAsync(HttpContext context, int status) => WriteAsync(
        context,
        status,
        $"You have exceeded a secondary rate limit. Please wait a few minutes before you try again. {Support(context)}",
        SecondaryLimits);

    /// <summary>A redirect to <paramref name="path"/> of this API: 301 for what only reads, else 307.</summary>
    public static Task MovedAsync(HttpContext context, string path)
    {
        var reading = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var location = $"{GitHubJson.Base(context)}/{path}{context.Request.QueryString}";
        context.Response.Headers.Location = location;
        return GitHubJson.WriteAsync(
            context,
            reading ? StatusCodes.Status301MovedPermanently : StatusCodes.Status307TemporaryRedirect,
            new JsonObject
            {
                ["message"] = reading ? "Moved Permanently" : "Temporary Redirect",
                ["url"] = location,
                ["documentation_url"] = "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
            });
    }

    public static Task NoUserAgentAsync(HttpContext context) => WriteTextAsync(
        context,
        StatusCodes.Status403Forbidden,
        "Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
        + "(https://docs.github.com/rest/overview/resources-in-the-rest-api#user-agent-required).\n");

    /// <summary>The response of a proxy in front of GitHub.</summary>
    public static Task BodyRefusedAsync(HttpContext context) =>
        WriteTextAsync(
            context,
            StatusCodes.Status400BadRequest,
            "<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>\n");

    private static Task WriteTextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static string Support(HttpContext context) =>
        $"If you reach out to GitHub Support for help, please include the request ID {context.Response.Headers["x-github-request-id"]}.";
}
