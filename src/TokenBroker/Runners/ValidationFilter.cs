using FluentValidation;
using FluentValidation.Results;
using TokenBroker.Failures;

namespace TokenBroker.Runners;

/// <summary>Validates whatever part of a request has a validator, and names every field at fault.</summary>
internal sealed class ValidationFilter(IServiceProvider services) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var errors = context.Arguments.OfType<object>().SelectMany(Validate).ToList();
        if (errors.Count == 0)
            return await next(context);

        // What is wrong with the body is told when the rest is right: with the wrong path it may be meant for another.
        var kind = errors.TrueForAll(error => Field(error).IsOfBody) ? FailureKinds.InvalidFields : FailureKinds.InvalidRequest;
        var faults = errors.Select(error => new FieldFault(Field(error).Name, error.ErrorCode, error.ErrorMessage)).ToList();
        var detail = string.Join(' ', faults.Select(fault => $"'{fault.Field}' {fault.Message}"));
        return new FailureResult(new Failure(kind, detail) { Fields = faults });
    }

    private List<ValidationFailure> Validate(object argument) =>
        services.GetService(typeof(IValidator<>).MakeGenericType(argument.GetType())) is IValidator validator
            ? validator.Validate(new ValidationContext<object>(argument)).Errors
            : [];

    private static RequestField Field(ValidationFailure error) => (RequestField)error.CustomState;
}
