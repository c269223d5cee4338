using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Configuration;
using TokenBroker.Scopes;

namespace TokenBroker.Commands;

/// <summary>
/// Shows how the broker would answer a caller, and why, to an operator who has its configuration. Authentication and policies decide as
/// for a request. GitHub and Redis are not called, and their secrets need not exist.
/// </summary>
internal sealed class ExplainCommand : Command
{
    private static readonly CommandOption TokenFile = new(
        "--token-file", "FILE", "The file that contains the caller's JWT.", IsRequired: true);

    private static readonly CommandOption ScopeName = new(
        "--scope", "SCOPE", "orgs/ORG, repos/OWNER/REPO or enterprises/ENTERPRISE.", IsRequired: true);

    private static readonly CommandOption OperationName = new(
        "--operation", "OPERATION", $"One of {string.Join(", ", OperationNames.AllNames)}. Default registration-token.");

    private static readonly CommandOption Unverified = new(
        "--unverified", "", "Trusts the JWT: checks neither signature, audience nor times, and calls no issuer.");

    public override string Name => "explain";

    public override string Summary => "Shows whether the policies allow a JWT an operation, and why or why not.";

    public override IReadOnlyList<CommandOption> Options => [TokenFile, ScopeName, OperationName, Unverified, CommandConfiguration.File];

    public override async Task<int> RunAsync(
        CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        if (!Scope.TryParse(arguments.Get(ScopeName), out var scope))
            throw new CommandFaultException($"{ScopeName.Name} must be orgs/ORG, repos/OWNER/REPO or enterprises/ENTERPRISE.");
        var name = arguments.Find(OperationName) ?? OperationNames.NameOf(Operation.RegistrationToken);
        if (!OperationNames.TryParse(name, out var operation))
            throw new CommandFaultException($"{OperationName.Name} must be one of {string.Join(", ", OperationNames.AllNames)}.");
        if (Read(arguments.Get(TokenFile), errors) is not { } text)
            return 1;
        try
        {
            await using var broker = CommandConfiguration.Build(arguments.Find(CommandConfiguration.File));
            var explanation = new Explanation(broker.Services, operation, scope);
            var lines = arguments.Has(Unverified) ? explanation.Trust(text) : await explanation.VerifyAsync(text, cancellationToken);
            foreach (var line in lines)
                await output.WriteLineAsync(Readable(line));
            return explanation.IsAllowed ? 0 : 1;
        }
        catch (Exception exception) when (StartupFaults.From(exception) is { Count: > 0 } faults)
        {
            StartupFaults.Print(faults, errors);
            return 1;
        }
    }

    private static string? Read(string path, TextWriter errors)
    {
        try
        {
            return SecretFile.ReadOnce(path);
        }
        catch (Exception exception) when (SecretFile.IsUnreadable(exception))
        {
            errors.WriteLine($"{TokenFile.Name}: {SecretFile.Explain(path, exception)}");
            return null;
        }
    }

    // Claims come from strangers and must not control the operator's terminal.
    private static string Readable(string line) =>
        string.Concat(line.EnumerateRunes().Select(rune => ReadableText.IsHidden(rune) ? "?" : rune.ToString()));

    private sealed class Explanation(IServiceProvider broker, Operation operation, Scope scope)
    {
        private readonly IssuerDirectory issuers = broker.GetRequiredService<IssuerDirectory>();
        private readonly PolicySet policies = broker.GetRequiredService<PolicyStore>().Current;
        private readonly DateTimeOffset now = broker.GetRequiredService<TimeProvider>().GetUtcNow();

        public bool IsAllowed { get; private set; }

        public async Task<IReadOnlyList<string>> VerifyAsync(string text, CancellationToken cancellationToken)
        {
            var verification = await JwtVerification.RunAsync(broker, text, cancellationToken);
            if (verification.Caller is { } caller)
            {
                var end = TokenTimes.Describe(caller.ExpiresAt, now);
                return [.. Decide(CallerClaims.Of(caller, now), $"The JWT is valid: {caller}, until {end}.")];
            }

            var failure = CallerRefusedException.From(verification.Failure).Failure;
            IEnumerable<string> hint = verification.Issuer is null
                ? []
                : ["", $"To see what the policies say about its claims, add {Unverified.Name}."];
            return
            [
                $"REFUSED: {failure.Kind.Status} {failure.Kind.Name}. {failure.Detail}",
                .. RefusalExplanation.Explain(verification, issuers, now),
                .. hint,
            ];
        }

        public IReadOnlyList<string> Trust(string text)
        {
            var read = JwtVerification.Skip(broker, text);
            if (read is not { Jwt: { } jwt, Issuer: { } issuer })
                return ["REFUSED: 401.", .. RefusalExplanation.Explain(read, issuers, now)];
            if (jwt.Ambiguity is not null)
                return ["REFUSED: 401. Its payload is ambiguous."];
            var claims = new CallerClaims(issuer.Name, jwt.Claims, now) { MissingId = issuer.Identify(jwt.Claims).Missing };
            return
            [
                "NOTHING WAS VERIFIED: not the signature, not the audience, not the times. What follows is what the policies would say.",
                .. Decide(claims, $"Anyone can write a JWT that names issuer '{issuer.Name}'; the broker may refuse this one."),
            ];
        }

        private IEnumerable<string> Decide(CallerClaims caller, string who)
        {
            var request = $"{OperationNames.NameOf(operation)} on {scope}";
            var decision = PolicyEvaluator.Evaluate(policies, caller, operation, scope);
            IsAllowed = decision.IsAllowed;
            yield return IsAllowed
                ? $"ALLOWED: {request}, by policy {decision.Names}."
                : $"DENIED: {request}. The broker answers 403 policy-denied.";
            yield return who;
            if (!policies.Of(caller.Issuer).Any())
                yield return $"No policy is for issuer '{caller.Issuer}'.";
            foreach (var policy in policies.Of(caller.Issuer))
            {
                var explanation = new PolicyExplanation(policy, caller, operation, scope);
                var isAllowing = decision.Policies.Contains(policy);
                yield return "";
                yield return $"policy {policy.Name}: {(isAllowing ? "allows it" : "does not allow it")}";
                foreach (var line in isAllowing ? explanation.Conditions : explanation.Obstacles)
                    yield return "  " + line;
            }
        }
    }
}
