using FluentValidation;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Accounts;

internal sealed class AccountRequestValidator : AbstractValidator<AccountRequest>
{
    public AccountRequestValidator() =>
        RuleFor(request => request.Owner)
            .Must(ScopeNames.IsAccount)
            .Otherwise(AccountRequest.Parameter, "must be 1 to 100 letters, digits, hyphens or underscores.");
}
