using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.Scopes;
using TokenBroker.Telemetry;

namespace TokenBroker.Runners;

/// <summary>
/// Decides an exchange by the policies, and records the decision once: in the log, a metric, a span and the audit details.
/// </summary>
internal sealed partial class ExchangeDecisions(
    PolicyStore policies, MissingDenyClaims missing, TimeProvider clock, BrokerMetrics metrics, ILogger<ExchangeDecisions> logger)
{
    /// <summary>Asks the policies; null if they allow the operation, or the path names no scope.</summary>
    public FailureResult? Deny(RunnerExchange exchange)
    {
        if (exchange is not { Scope: { } scope, Operation: { } operation })
            return null;
        var claims = CallerClaims.Of(exchange.Caller, clock);
        var decision = exchange.Decision = PolicyEvaluator.Evaluate(policies.Current, claims, operation, scope);
        if (decision.IsAllowed)
            missing.Warn(decision.Policies, claims);
        if (!AwaitsGrants(exchange))
            Record(exchange, decision);
        return decision.IsAllowed
            ? null
            : new FailureResult(new Failure(
                FailureKinds.PolicyDenied, $"No policy allows this caller '{OperationNames.NameOf(operation)}' on '{scope}'."));
    }

    /// <summary>Whether grants have the last word on the decision.</summary>
    public static bool AwaitsGrants(RunnerExchange exchange) =>
        exchange.Decision!.IsCounted && OperationNames.Granted.Contains(exchange.Operation!.Value);

    /// <summary>Records the final decision.</summary>
    public void Record(RunnerExchange exchange, Decision decision)
    {
        (exchange.Decision, exchange.IsDecisionRecorded) = (decision, true);
        var (caller, scope, operation) = (exchange.Caller, exchange.Scope!, OperationNames.NameOf(exchange.Operation!.Value));
        var outcome = NameOf(decision.Reason);
        metrics.Decided(outcome, caller.Issuer, operation, scope.Kind);
        exchange.Audit.Scope = scope.Path;
        exchange.Audit.Policies = [.. decision.Policies.Select(policy => policy.Name)];
        exchange.Audit.PolicyReason = decision.IsAllowed ? null : outcome;
        using (var span = Instrumentation.StartSpan("policy"))
        {
            span?.SetTag("decision", outcome).SetTag("issuer", caller.Issuer).SetTag("operation", operation)
                .SetTag("scope", scope.Path).SetTag("policies", decision.Names);
        }

        if (decision.IsAllowed)
            Log.Allowed(logger, caller.ToString(), operation, scope, decision.Names);
        else if (decision.Reason == DenialReason.CallerIdMissing)
            Log.Uncountable(logger, caller.ToString(), operation, scope, caller.MissingId!);
        else if (decision.Reason != DenialReason.GrantsUsedUp)
            Log.Denied(logger, caller.ToString(), operation, scope, decision.Reason);
    }

    /// <summary>The failure of an exchange whose policies have no grants left.</summary>
    public FailureException UsedUp(RunnerExchange exchange, IReadOnlyList<Policy> empty)
    {
        var (operation, scope) = (OperationNames.NameOf(exchange.Operation!.Value), exchange.Scope!);
        Log.UsedUp(logger, exchange.Caller.ToString(), operation, scope, new Decision(empty, DenialReason.None).Names);
        return new FailureException(new Failure(
            FailureKinds.GrantsUsedUp, $"This caller's grants of '{operation}' on '{scope}' are used up."));
    }

    private static string NameOf(DenialReason reason) => reason switch
    {
        DenialReason.None => "allowed",
        DenialReason.NoPolicyOfIssuer => "no-policy-of-issuer",
        DenialReason.ClaimsDiffer => "claims-differ",
        DenialReason.ScopeNotNamed => "scope-not-named",
        DenialReason.CallerIdMissing => "caller-id-missing",
        DenialReason.GrantsUsedUp => "grants-used-up",
        _ => "operation-not-named",
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Denied {Caller}: {Operation} on {Scope} ({Reason})")]
        public static partial void Denied(ILogger logger, string caller, string operation, Scope scope, DenialReason reason);

        [LoggerMessage(2, LogLevel.Information, "Allowed {Caller}: {Operation} on {Scope} by policy {Policies}")]
        public static partial void Allowed(ILogger logger, string caller, string operation, Scope scope, string policies);

        [LoggerMessage(3, LogLevel.Information,
            "Denied {Caller}: {Operation} on {Scope} (the policy counts grants, and the "
                + "JWT lacks {Claim}, which its issuer's CallerId names)")]
        public static partial void Uncountable(ILogger logger, string caller, string operation, Scope scope, ClaimPointer claim);

        [LoggerMessage(4, LogLevel.Information, "Denied {Caller}: {Operation} on {Scope} (the grants of policy {Policies} are used up)")]
        public static partial void UsedUp(ILogger logger, string caller, string operation, Scope scope, string policies);
    }
}
