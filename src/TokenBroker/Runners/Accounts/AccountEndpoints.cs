using FluentValidation;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Accounts;

/// <summary>The owner of an installation, which the Terraform provider asks for before anything else.</summary>
internal static partial class AccountEndpoints
{
    // See https://docs.github.com/rest/users/users#get-a-user
    public static RouteHandlerBuilder MapAccounts(this RouteGroupBuilder api) =>
        api.MapGet("/users/{" + AccountRequest.Parameter + "}", Get)
            .WithMetadata(AccountDocumentation.Get);

    // The path names no scope, so the policies are asked here: about the owner.
    private static async Task<IResult> Get(
        RunnerExchange exchange,
        AccountRequest request,
        PolicyStore policies,
        TimeProvider clock,
        Installations installations,
        ILogger<AccountRequest> logger)
    {
        var owner = request.Owner!;
        (exchange.Audit.Operation, exchange.Audit.Scope) = ("account", "users/" + owner);
        var decision = PolicyEvaluator.EvaluateOwner(policies.Current, CallerClaims.Of(exchange.Caller, clock), owner);
        exchange.Audit.Policies = [.. decision.Policies.Select(policy => policy.Name)];
        if (!decision.IsAllowed)
        {
            Log.Denied(logger, exchange.Caller.ToString(), owner, decision.Reason);
            return new FailureResult(new Failure(FailureKinds.PolicyDenied, $"No policy allows this caller anything on '{owner}'."));
        }

        var installation = await exchange.AskGitHubAsync(cancellation => installations.FindOfAccountAsync(owner, cancellation));
        return installation.Account is { Login: not null, Type: not null } account
            ? TypedResults.Json(account)
            : new FailureResult(new Failure(FailureKinds.GitHubUnavailable, "GitHub did not name the account of the installation."));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Denied {Caller}: account {Owner} ({Reason})")]
        public static partial void Denied(ILogger logger, string caller, string owner, DenialReason reason);
    }
}

/// <summary>The account that a request's path names, as it was sent.</summary>
internal sealed record AccountRequest(string? Owner)
{
    public const string Parameter = "owner";

    public static ValueTask<AccountRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<AccountRequest?>(new AccountRequest(context.GetRouteValue(Parameter) as string));
}

internal sealed class AccountRequestValidator : AbstractValidator<AccountRequest>
{
    public AccountRequestValidator() =>
        RuleFor(request => request.Owner)
            .Must(ScopeNames.IsAccount)
            .Otherwise(AccountRequest.Parameter, "must be 1 to 100 letters, digits, hyphens or underscores.");
}

/// <summary>What the document says of accounts.</summary>
internal static class AccountDocumentation
{
    public static readonly OperationDocumentation Get = new("users/get-by-username", "Get an account")
    {
        Description = "Only accounts that the caller's policies name, and where the App is installed.",
        Parameters = [new(AccountRequest.Parameter, "The account's name. It is not case sensitive.", "octo-org") { IsInPath = true }],
        Answer = new(
            StatusCodes.Status200OK,
            "The account.",
            new(typeof(Account), new Account { Login = "octo-org", Id = 1, Type = "Organization" })),
    };
}
