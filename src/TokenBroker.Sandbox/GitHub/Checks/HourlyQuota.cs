using System.Globalization;
using System.Runtime.InteropServices;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Counts requests per hour, credential and resource, reports them in headers, and refuses those above the limit.</summary>
internal sealed class HourlyQuota(SandboxClock clock, int limit, SandboxEdition edition)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Account, string Resource), (int Used, DateTimeOffset Reset)> windows = [];
    private volatile int limit = limit;
    private volatile int usedElsewhere;

    public int Limit
    {
        get => limit;
        set => limit = value;
    }

    /// <summary>What every credential has used up elsewhere.</summary>
    public int UsedElsewhere
    {
        get => usedElsewhere;
        set => usedElsewhere = value;
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (edition.EnterpriseServer)
        {
            await next(context);
            return;
        }

        var request = SandboxRequest.Of(context);
        var (allowed, used, reset) = Count(request.Credential.Account, ResourceOf(request));
        Describe(context, used, reset);

        // A 304 costs nothing. See "Use conditional requests if appropriate" at
        // https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        context.Response.OnStarting(() =>
        {
            if (context.Response.StatusCode == StatusCodes.Status304NotModified)
                Describe(context, GiveBack(request.Credential.Account, ResourceOf(request)), reset);
            return Task.CompletedTask;
        });
        if (allowed)
            await next(context);
        else
            await Answers.GitHubError.RateLimitedAsync(context, StatusCodes.Status403Forbidden);
    }

    /// <summary>Writes headers that report the limit as used up until <paramref name="reset"/>.</summary>
    public void DescribeUsedUp(HttpContext context, DateTimeOffset reset) => Describe(context, limit, reset);

    public static void Undescribe(HttpContext context)
    {
        foreach (var name in new[] { "limit", "remaining", "used", "reset", "resource" })
            context.Response.Headers.Remove("x-ratelimit-" + name);
    }

    private static string ResourceOf(SandboxRequest request) =>
        request.Kind is SandboxRequestKind.RegistrationToken or SandboxRequestKind.RemoveToken or SandboxRequestKind.JitConfiguration
            ? "actions_runner_registration" : "core";

    private (bool Allowed, int Used, DateTimeOffset Reset) Count(string account, string resource)
    {
        var now = clock.Now;
        lock (gate)
        {
            ref var window = ref CollectionsMarshal.GetValueRefOrAddDefault(windows, (account, resource), out _);
            if (window.Reset <= now)
                window = (0, now.AddHours(1));
            var allowed = window.Used + usedElsewhere < limit;
            if (allowed)
                window.Used++;
            return (allowed, window.Used + usedElsewhere, window.Reset);
        }
    }

    private int GiveBack(string account, string resource)
    {
        lock (gate)
        {
            ref var window = ref CollectionsMarshal.GetValueRefOrAddDefault(windows, (account, resource), out _);
            window.Used = Math.Max(0, window.Used - 1);
            return window.Used + usedElsewhere;
        }
    }

    private void Describe(HttpContext context, int used, DateTimeOffset reset)
    {
        var headers = context.Response.Headers;
        headers["x-ratelimit-limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-remaining"] = Math.Max(0, limit - used).ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-used"] = used.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-reset"] = reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-resource"] = ResourceOf(SandboxRequest.Of(context));
    }
}
