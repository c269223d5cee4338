using System.Globalization;
using FluentValidation;

namespace TokenBroker.Runners;

/// <summary>The runner that a request's path names, as it was sent.</summary>
internal sealed record RunnerRequest(string? Sent)
{
    public const string Parameter = "runner_id";

    // Whatever begins like a number is meant as one and gets a 400 that says what is wrong; the rest are paths that do not exist.
    public const string Route = "{" + Parameter + ":regex(^[-+0-9])}";

    /// <summary>GitHub's id. It must have been validated.</summary>
    public long Id => long.Parse(Sent!, NumberStyles.None, CultureInfo.InvariantCulture);

    public bool IsValid => long.TryParse(Sent, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0;

    public static ValueTask<RunnerRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<RunnerRequest?>(new RunnerRequest(context.GetRouteValue(Parameter) as string));
}

internal sealed class RunnerRequestValidator : AbstractValidator<RunnerRequest>
{
    public RunnerRequestValidator() =>
        RuleFor(request => request.IsValid).Equal(true).Otherwise(RunnerRequest.Parameter, "must be a positive 64-bit integer.");
}
