using TokenBroker.GitHub;
using TokenBroker.Runners.Documentation;

namespace TokenBroker.Runners.Accounts;

/// <summary>What the document says of accounts.</summary>
internal static class AccountDocumentation
{
    public static readonly OperationDocumentation Get = new("users/get-by-username", "Get an account")
    {
        Description = "Only accounts that the caller's policies name, and where the App is installed.",
        Parameters = [new(AccountRequest.Parameter, "The account's name. It is not case sensitive.", "octo-org") { IsInPath = true }],
        Answer = new(StatusCodes.Status200OK, "The account.", new(typeof(Account), new Account { Login = "octo-org", Id = 1, Type = "Organization" })),
    };
}
