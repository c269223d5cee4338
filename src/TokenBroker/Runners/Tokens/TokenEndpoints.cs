using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Tokens;

/// <summary>The two tokens of a scope.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder runners, ScopeForm form)
    {
        runners.MapPost("registration-token", CreateRegistrationToken)
            .WithMetadata(new RequiredOperation(Operation.RegistrationToken))
            .WithMetadata(TokenDocumentation.Registration(form));
        runners.MapPost("remove-token", CreateRemoveToken)
            .WithMetadata(new RequiredOperation(Operation.RemoveToken))
            .WithMetadata(TokenDocumentation.Remove(form));
    }

    private static Task<Results<TokenResult, FailureResult>> CreateRegistrationToken(
        RunnerExchange exchange, MinimumLifetime lifetime, RunnerTokens tokens, Exchange steps) =>
        CreateAsync(RunnerTokenKind.Registration, exchange, lifetime, tokens, steps);

    private static Task<Results<TokenResult, FailureResult>> CreateRemoveToken(
        RunnerExchange exchange, MinimumLifetime lifetime, RunnerTokens tokens, Exchange steps) =>
        CreateAsync(RunnerTokenKind.Remove, exchange, lifetime, tokens, steps);

    private static async Task<Results<TokenResult, FailureResult>> CreateAsync(
        RunnerTokenKind kind, RunnerExchange exchange, MinimumLifetime lifetime, RunnerTokens tokens, Exchange steps)
    {
        using var grant = await steps.ReserveGrantAsync(exchange);
        TimeSpan?[] demands = [lifetime.Value, exchange.Decision!.MinimumRemainingLifetime];
        var answer = await tokens.GetAsync(kind, exchange.Scope!, demands.Max(), exchange.Deadline.Left, exchange.Canceled);
        if (answer.Secret is not { } secret)
            return new FailureResult(answer.Failure!);
        grant.Keep();
        exchange.Audit.RecordToken(secret, answer.IsHit);
        return new TokenResult(secret, answer.IsHit);
    }
}

internal static class TokenDocumentation
{
    public static OperationDocumentation Registration(ScopeForm form) =>
        Describe(form, "registration", "config.sh --token", "LLBF3JGZDX3P5PMEXLND6TS6FCWO6");

    public static OperationDocumentation Remove(ScopeForm form) =>
        Describe(form, "remove", "config.sh remove --token", "AABF3JGZDX3P5PMEXLND6TS6FCWO6");

    private static OperationDocumentation Describe(ScopeForm form, string word, string command, string example) => new(
        OperationDocumentation.IdOf(form, $"create-{word}-token"), $"Create a {word} token for {form.Article}")
    {
        Form = form,
        Description =
            $"Returns a token for the runner's `{command}`. It lasts up to an hour, and all callers that a policy allows share it.",
        Parameters =
        [
            new(
                MinimumLifetime.Parameter,
                "The life that the token should have left, in whole seconds, for a machine that boots slowly.",
                1800)
            {
                Range = (0, MinimumLifetime.Most),
            },
        ],
        Answer = new(StatusCodes.Status201Created, "A token. `Cache-Status` says whether it came from the cache.", new(
            typeof(RunnerToken), new { token = example, expires_at = "2020-01-22T12:13:35.123-08:00" }))
        {
            PlainText = example,
        },
    };
}
