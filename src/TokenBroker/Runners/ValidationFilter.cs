using FluentValidation;
using TokenBroker.Failures;

namespace TokenBroker.Runners;

/// <summary>Validates whatever part of a request has a validator, and names every field at fault.</summary>
internal sealed class ValidationFilter(IServiceProvider services) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var faults = context.Arguments.OfType<object>().SelectMany(Validate).ToList();
        if (faults.Count == 0)
            return await next(context);

        var detail = string.Join(' ', faults.Select(fault => $"'{fault.Field}' {fault.Message}"));
        return new FailureResult(new Failure(FailureKinds.InvalidRequest, detail) { Fields = faults });
    }

    private IEnumerable<FieldFault> Validate(object argument) =>
        services.GetService(typeof(IValidator<>).MakeGenericType(argument.GetType())) is IValidator validator
            ? validator.Validate(new ValidationContext<object>(argument)).Errors.Select(error => new FieldFault((string)error.CustomState, "invalid", error.ErrorMessage))
            : [];
}
