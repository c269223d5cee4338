namespace TokenBroker.Runners.Accounts;

/// <summary>The account that a request's path names, as it was sent.</summary>
internal sealed record AccountRequest(string? Owner)
{
    public const string Parameter = "owner";

    public static ValueTask<AccountRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<AccountRequest?>(new AccountRequest(context.GetRouteValue(Parameter) as string));
}
