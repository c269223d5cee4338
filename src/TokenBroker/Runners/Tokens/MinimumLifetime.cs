using System.Globalization;
using FluentValidation;
using Microsoft.Extensions.Primitives;

namespace TokenBroker.Runners.Tokens;

/// <summary>
/// The <c>min_lifetime</c> of a request, as it was sent: the life that a slowly booting caller needs its token to have left.
/// </summary>
internal sealed record MinimumLifetime(StringValues Sent)
{
    public const string Parameter = "min_lifetime";

    /// <summary>The largest value, in seconds.</summary>
    public const int Most = 2700;

    /// <summary>Whether it was left out, or is a whole number of seconds in range.</summary>
    public bool IsValid => Sent.Count == 0 || (Sent.Count == 1 && Seconds is >= 0 and <= Most);

    /// <summary>The validated value; null if it was left out.</summary>
    public TimeSpan? Value => Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private int? Seconds => int.TryParse(Sent, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    public static ValueTask<MinimumLifetime?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<MinimumLifetime?>(new MinimumLifetime(context.Request.Query[Parameter]));
}

internal sealed class MinimumLifetimeValidator : AbstractValidator<MinimumLifetime>
{
    public MinimumLifetimeValidator() =>
        RuleFor(lifetime => lifetime.IsValid)
            .Equal(true)
            .Otherwise(MinimumLifetime.Parameter, $"must be whole seconds from 0 to {MinimumLifetime.Most}, given once.");
}
