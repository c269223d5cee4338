using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Answers in place of the endpoint where a fault strikes on arrival.</summary>
internal sealed class FaultInjection(
    SandboxFaults faults,
    SandboxAccounts accounts,
    HourlyQuota limits,
    Holding holding,
    SandboxClock clock)
{
    private const string RunnersDisabled = "Repository level self-hosted runners are disabled on this repository.";
    private const string NotOnAllowList =
        "Although you appear to have the correct authorization credentials, the `octo-org` organization has an IP allow list enabled, "
        + "and your IP address is not permitted to access this resource.";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        foreach (var fault in faults.Candidates(FaultStage.Arrival, SandboxRequest.Of(context)))
        {
            if (!fault.TryUse())
                continue;
            if (await HeldAsync(context, fault))
                continue;
            await AnswerAsync(context, fault);
            return;
        }

        if (faults.Candidates(FaultStage.Effect, SandboxRequest.Of(context)).FirstOrDefault(fault => fault.TryUse()) is { } late)
            await LoseAnswerAsync(context, next, late);
        else
            await next(context);
    }

    private static async Task LoseAnswerAsync(HttpContext context, RequestDelegate next, SandboxFault fault)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Response.Body = Stream.Null;
        await next(context);
        context.Features.Set(body);
        context.Response.Headers.Remove("Content-Type");
        await BrokenAnswer.WriteAsync(context, fault);
    }

    private async Task<bool> HeldAsync(HttpContext context, SandboxFault fault)
    {
        switch (fault.Name)
        {
            case SandboxFaultNames.Hang:
                await holding.UntilClearedAsync(context, fault);
                return true;
            case SandboxFaultNames.Slow:
                await holding.ForAsync(context, fault.Duration(otherwise: 1));
                return true;
            default:
                return false;
        }
    }

    private Task AnswerAsync(HttpContext context, SandboxFault fault) => fault.Name switch
    {
        SandboxFaultNames.PrimaryLimit => UseUpAsync(context, fault, StatusCodes.Status403Forbidden),
        SandboxFaultNames.PrimaryLimit429 => UseUpAsync(context, fault, StatusCodes.Status429TooManyRequests),
        SandboxFaultNames.PrimaryLimitMessage => UseUpUntoldAsync(context),
        SandboxFaultNames.SecondaryLimit => SecondaryAsync(context, StatusCodes.Status403Forbidden, Seconds(fault.Duration(otherwise: 60))),
        SandboxFaultNames.SecondaryLimitDate => SecondaryAsync(
            context,
            StatusCodes.Status429TooManyRequests,
            (clock.Now + fault.Duration(otherwise: 60)).ToString("R", CultureInfo.InvariantCulture)),
        SandboxFaultNames.SecondaryLimitMessage => SecondaryAsync(context, StatusCodes.Status403Forbidden, retryAfter: null),
        SandboxFaultNames.Moved => MoveAsync(context),
        SandboxFaultNames.NotInstalled => GitHubError.NotFoundAsync(context),
        SandboxFaultNames.MissingPermission => GitHubError.NotAccessibleAsync(context),
        SandboxFaultNames.Suspended => GitHubError.SuspendedAsync(context),
        SandboxFaultNames.IpAllowList => GitHubError.ForbiddenAsync(context, NotOnAllowList),
        SandboxFaultNames.Unprocessable => GitHubError.WriteAsync(
            context, StatusCodes.Status422UnprocessableEntity, "Pagination is limited for this resource."),
        SandboxFaultNames.RunnersDisabled => GitHubError.ForbiddenAsync(context, RunnersDisabled),
        SandboxFaultNames.AppRefused => GitHubError.UnauthorizedAsync(context, AppJwtCheck.Undecodable),
        SandboxFaultNames.EnterpriseTokenRefused => GitHubError.BadCredentialsAsync(context),
        SandboxFaultNames.ServerError => GitHubError.WriteAsync(context, StatusCodes.Status500InternalServerError, "Server Error"),
        _ => BrokenAnswer.WriteAsync(context, fault),
    };

    private Task UseUpAsync(HttpContext context, SandboxFault fault, int status)
    {
        limits.DescribeUsedUp(context, clock.Now + fault.Duration(otherwise: 60));
        return GitHubError.RateLimitedAsync(context, status);
    }

    private static Task UseUpUntoldAsync(HttpContext context)
    {
        HourlyQuota.Undescribe(context);
        return GitHubError.RateLimitedAsync(context, StatusCodes.Status403Forbidden);
    }

    private static Task SecondaryAsync(HttpContext context, int status, string? retryAfter)
    {
        context.Response.Headers.RetryAfter = retryAfter;
        return GitHubError.SecondaryLimitAsync(context, status);
    }

    private Task MoveAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string[] target = path switch
        {
            ["repos", var owner, var name, .. var rest] =>
                [accounts.FindRepositoryScope(owner, name)?.Path ?? "repositories/1", .. rest],
            ["orgs", var login, .. var rest] => [accounts.FindOrganizationScope(login)?.Path ?? "organizations/1", .. rest],
            _ => ["moved", .. path],
        };
        return GitHubError.MovedAsync(context, string.Join('/', target));
    }

    private static string Seconds(TimeSpan duration) => Math.Ceiling(duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
