using FluentValidation;

namespace TokenBroker.Runners;

internal sealed class MinimumLifetimeValidator : AbstractValidator<MinimumLifetime>
{
    public MinimumLifetimeValidator() =>
        RuleFor(lifetime => lifetime.IsValid)
            .Equal(true)
            .WithMessage($"must be whole seconds from 0 to {MinimumLifetime.Most}, once.")
            .WithState(_ => MinimumLifetime.Parameter);
}
