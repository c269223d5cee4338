using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class RateLimitNoticeTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(403, "0", 600, null, null, 600, "core", "primary, by 403")]
    [InlineData(429, "0", 600, null, null, 600, "core", "primary, by 429")]
    [InlineData(403, "0", 600, "900", null, 900, "core", "the longer of the two")]
    [InlineData(403, "0", -5, null, null, 1, "core", "a reset that is over already")]
    [InlineData(403, "0", 99999999, null, null, 7200, "core", "a reset that is a mistake")]
    [InlineData(403, "12", 600, "30", null, 30, null, "secondary, by seconds")]
    [InlineData(429, null, null, null, null, 60, null, "429 is always a limit")]
    [InlineData(403, null, null, null, "You have exceeded a secondary rate limit.", 60, null, "secondary, by message alone")]
    [InlineData(403, null, null, null, "API rate limit exceeded for installation ID 42.", 60, null, "primary, by message alone")]
    [InlineData(429, null, 600, null, "API rate limit exceeded for user ID 1.", 600, null, "primary, by message and reset")]
    [InlineData(403, null, null, null, "No label 'API rate limit exceeded' here.", null, null, "what a caller wrote is no limit")]
    [InlineData(404, null, null, null, "API rate limit exceeded for user ID 1.", null, null, "nor is a 404")]
    [InlineData(403, null, null, "Fri, 01 May 2026 12:02:00 GMT", null, 120, null, "secondary, by date")]
    [InlineData(403, "12", 600, null, "Resource not accessible by integration", null, null, "a 403 without the marks is no limit")]
    [InlineData(404, "0", 600, null, null, null, null, "a 404 is no limit")]
    [InlineData(201, "12", 600, null, null, null, null, "plenty left")]
    [InlineData(201, "4999, 4999", 600, null, null, null, null, "two values in one, which is no number")]
    [InlineData(201, "", 600, null, null, null, null, "no value")]
    [InlineData(201, "4294967296", 600, null, null, null, null, "more than Octokit counts")]
    [InlineData(201, null, 600, null, null, null, null, "a reset alone")]
    public async Task An_answer_says_what_it_says(
        int status,
        string? remaining,
        int? reset,
        string? retryAfter,
        string? message,
        int? wait,
        string? resource,
        string why)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        if (remaining is not null)
            response.Headers.Add("x-ratelimit-remaining", remaining);
        if (reset is { } seconds)
            response.Headers.Add("x-ratelimit-reset", Now.AddSeconds(seconds).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (retryAfter is not null)
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        if (message is not null)
            response.Content = JsonContent.Create(new { message });

        var notice = RateLimitNotice.Read(await GitHubAnswer.ReadAsync(response, CancellationToken.None), Now);
        Assert.True(wait == (int?)notice?.Wait.TotalSeconds, why);
        Assert.Equal(resource, notice?.Resource);
        if (notice is not null)
            Assert.True(notice.IsRefused);
    }

    [Fact]
    public async Task The_last_allowed_request_reports_that_it_was_the_last()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Created);
        response.Headers.Add("x-ratelimit-remaining", "0");
        response.Headers.Add("x-ratelimit-resource", "actions_runner_registration");
        response.Headers.Add("x-ratelimit-reset", Now.AddMinutes(5).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var notice = RateLimitNotice.Read(await GitHubAnswer.ReadAsync(response, CancellationToken.None), Now);
        Assert.Equal(new RateLimitNotice("actions_runner_registration", TimeSpan.FromMinutes(5), IsRefused: false), notice);
    }

    /// <summary>In milliseconds, by mistake: a year that no calendar has.</summary>
    [Fact]
    public async Task A_reset_that_is_not_a_time_is_ignored()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Forbidden);
        response.Headers.Add("x-ratelimit-remaining", "0");
        response.Headers.Add("x-ratelimit-reset", Now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Assert.Equal(
            TimeSpan.FromMinutes(1),
            RateLimitNotice.Read(await GitHubAnswer.ReadAsync(response, CancellationToken.None), Now)?.Wait);
    }
}
