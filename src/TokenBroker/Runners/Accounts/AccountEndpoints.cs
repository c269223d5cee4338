using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Hosting;

namespace TokenBroker.Runners.Accounts;

/// <summary>The owner of an installation, which the Terraform provider asks for before anything else.</summary>
internal static partial class AccountEndpoints
{
    // See https://docs.github.com/rest/users/users#get-a-user
    public static void MapAccounts(this RouteGroupBuilder api) =>
        api.MapGet("/users/{" + AccountRequest.Parameter + "}", Get)
            .WithMetadata(AccountDocumentation.Get);

    private static async Task<IResult> Get(AccountRequest request, Policies policies, TimeProvider clock, Installations installations, ILogger<AccountRequest> logger, HttpContext context)
    {
        var owner = request.Owner!;
        var caller = Caller.Of(context);
        var audit = AuditDetails.Of(context);
        (audit.Operation, audit.Scope) = ("account", "users/" + owner);
        var decision = PolicyEvaluator.EvaluateOwner(policies.Current, CallerClaims.Of(caller, clock), owner);
        audit.Policies = [.. decision.Policies.Select(policy => policy.Name)];
        if (!decision.IsAllowed)
        {
            Log.Denied(logger, caller.ToString(), owner, decision.Reason);
            return new FailureResult(new Failure(FailureKinds.PolicyDenied, $"No policy allows this caller anything on '{owner}'."));
        }

        var installation = await Patience.Of(context).WithinAsync(
            cancellation => installations.FindOfAccountAsync(owner, cancellation), context.RequestAborted);
        return installation.Account is { Login: not null, Type: not null } account
            ? TypedResults.Json(account)
            : new FailureResult(new Failure(FailureKinds.GitHubUnavailable, "GitHub did not say whose the installation is."));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Denied {Caller}: account {Owner} ({Reason})")]
        public static partial void Denied(ILogger logger, string caller, string owner, DenialReason reason);
    }
}
