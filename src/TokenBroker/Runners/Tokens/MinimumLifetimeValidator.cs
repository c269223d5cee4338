using FluentValidation;

namespace TokenBroker.Runners.Tokens;

internal sealed class MinimumLifetimeValidator : AbstractValidator<MinimumLifetime>
{
    public MinimumLifetimeValidator() =>
        RuleFor(lifetime => lifetime.IsValid)
            .Equal(true)
            .Otherwise(MinimumLifetime.Parameter, $"must be whole seconds from 0 to {MinimumLifetime.Most}, once.");
}
