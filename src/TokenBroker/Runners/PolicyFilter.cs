using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.Scopes;
using TokenBroker.Telemetry;

namespace TokenBroker.Runners;

/// <summary>Lets a request through if a policy allows its operation on its scope. It stands before the cache: what is cached knows no caller.</summary>
internal sealed partial class PolicyFilter(Policies policies, MissingDenyClaims missing, TimeProvider clock, BrokerMetrics metrics, ILogger<PolicyFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var scope = context.Arguments.OfType<ScopeRequest>().Single().Scope;
        var operation = context.HttpContext.GetEndpoint()!.Metadata.GetRequiredMetadata<RequiredOperation>().Operation;
        var caller = Caller.Of(context.HttpContext);

        var claims = CallerClaims.Of(caller, clock);
        var decision = PolicyEvaluator.Evaluate(policies.Current, claims, operation, scope);
        var name = OperationNames.NameOf(operation);
        if (!decision.IsAllowed)
        {
            Tell(context.HttpContext, caller, name, scope, decision);
            if (decision.Reason == DenialReason.CallerIdMissing)
                Log.Uncountable(logger, caller.ToString(), name, scope, caller.MissingId!);
            else
                Log.Denied(logger, caller.ToString(), name, scope, decision.Reason);
            return new FailureResult(new Failure(FailureKinds.PolicyDenied, $"No policy allows this caller '{name}' on '{scope}'."));
        }

        missing.Look(decision.Policies, claims);

        // Whose bounds a runner must fit, where the operation is about one.
        context.HttpContext.Features.Set(decision);
        if (RequestGrants.Asks(operation, decision))
            return await CountedAsync(context, next, caller, name, scope);
        Tell(context.HttpContext, caller, name, scope, decision);
        Log.Allowed(logger, caller.ToString(), name, scope, decision.Names);
        return await next(context);
    }

    // Grants have the last word, and a decision is told once.
    private async Task<object?> CountedAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, Caller caller, string operation, Scope scope)
    {
        try
        {
            return await next(context);
        }
        finally
        {
            var decision = context.HttpContext.Features.GetRequiredFeature<Decision>();
            Tell(context.HttpContext, caller, operation, scope, decision);
            if (decision.IsAllowed)
                Log.Allowed(logger, caller.ToString(), operation, scope, decision.Names);
        }
    }

    private void Tell(HttpContext context, Caller caller, string operation, Scope scope, Decision decision)
    {
        var outcome = NameOf(decision.Reason);
        metrics.Decided(outcome, caller.Issuer, operation, scope.Kind);
        var audit = AuditDetails.Of(context);
        audit.Scope = scope.Path;
        audit.Policies = [.. decision.Policies.Select(policy => policy.Name)];
        audit.PolicyReason = decision.IsAllowed ? null : outcome;
        if (Instrumentation.StartSpan("policy") is not { } span)
            return;
        using (span)
            span.SetTag("decision", outcome).SetTag("issuer", caller.Issuer).SetTag("operation", operation).SetTag("scope", scope.Path).SetTag("policies", decision.Names);
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

        [LoggerMessage(3, LogLevel.Information, "Denied {Caller}: {Operation} on {Scope} (the policy counts grants, and the JWT lacks {Claim}, a claim of its issuer's CallerId)")]
        public static partial void Uncountable(ILogger logger, string caller, string operation, Scope scope, ClaimPointer claim);
    }
}
