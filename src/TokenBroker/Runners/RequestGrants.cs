using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Authorization.Grants;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>Lets a request through that a policy allows and has grants left for. It stands between the policies and the cache.</summary>
internal sealed partial class RequestGrants(CallerGrants grants, ILogger<RequestGrants> logger)
{
    /// <summary>Whether the last word on what the policies decided is here.</summary>
    public static bool Asks(Operation operation, Decision decision) => decision.IsCounted && OperationNames.Granted.Contains(operation);

    /// <summary>
    /// Counts a grant for the request, which must be kept once the answer is a good one. The policies that have none left do not allow the
    /// request from here on.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="scope">Where.</param>
    /// <param name="fitting">Those of the policies that allow all of the request; null for all of them.</param>
    /// <exception cref="FailureException">No policy has grants left.</exception>
    public async Task<Grant> ReserveAsync(HttpContext context, Scope scope, IReadOnlyList<Policy>? fitting = null)
    {
        var decision = context.Features.GetRequiredFeature<Decision>();
        var allowing = fitting ?? decision.Policies;
        var operation = context.GetEndpoint()!.Metadata.GetRequiredMetadata<RequiredOperation>().Operation;
        if (!Asks(operation, decision))
            return new Grant(allowing, giveBack: null);

        var caller = Caller.Of(context);
        var grant = await grants.ReserveAsync(caller, operation, scope, allowing, context.RequestAborted);
        var isMade = grant.Policies.Count > 0;
        context.Features.Set(new Decision(grant.Policies, isMade ? DenialReason.None : DenialReason.GrantsUsedUp));
        if (isMade)
            return grant;

        var name = OperationNames.NameOf(operation);
        Log.UsedUp(logger, caller.ToString(), name, scope, new Decision(allowing, DenialReason.None).Names);
        throw new FailureException(new Failure(FailureKinds.GrantsUsedUp, $"This caller's grants of '{name}' on '{scope}' are used up."));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Denied {Caller}: {Operation} on {Scope} (the grants of policy {Policies} are used up)")]
        public static partial void UsedUp(ILogger logger, string caller, string operation, Scope scope, string policies);
    }
}
