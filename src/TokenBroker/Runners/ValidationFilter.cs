using FluentValidation;
using FluentValidation.Results;
using TokenBroker.Failures;

namespace TokenBroker.Runners;

/// <summary>Validates whatever part of a request has a validator, and names every field at fault.</summary>
/// <param name="validators">The validators of an endpoint's parameters, in their order; null where there is none.</param>
internal sealed class ValidationFilter(IReadOnlyList<IValidator?> validators)
{
    /// <summary>Makes an endpoint's filter, once.</summary>
    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext endpoint, EndpointFilterDelegate next)
    {
        var filter = new ValidationFilter([.. endpoint.MethodInfo.GetParameters().Select(parameter =>
            (IValidator?)endpoint.ApplicationServices.GetService(typeof(IValidator<>).MakeGenericType(parameter.ParameterType)))]);
        return request => filter.InvokeAsync(request, next);
    }

    private ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var errors = new List<ValidationFailure>();
        for (var index = 0; index < validators.Count; index++)
        {
            if (validators[index] is { } validator && context.Arguments[index] is { } argument)
                errors.AddRange(validator.Validate(new ValidationContext<object>(argument)).Errors);
        }

        return errors.Count == 0 ? next(context) : ValueTask.FromResult<object?>(Refuse(errors));
    }

    private static FailureResult Refuse(List<ValidationFailure> errors)
    {
        // What is wrong with the body is told when the rest is right: with the wrong path it may be meant for another.
        var kind = errors.TrueForAll(error => Field(error).IsOfBody) ? FailureKinds.InvalidFields : FailureKinds.InvalidRequest;
        var faults = errors.Select(error => new FieldFault(Field(error).Name, error.ErrorCode, error.ErrorMessage)).ToList();
        var detail = string.Join(' ', faults.Select(fault => $"'{fault.Field}' {fault.Message}"));
        return new FailureResult(new Failure(kind, detail) { Fields = faults });
    }

    private static RequestField Field(ValidationFailure error) => (RequestField)error.CustomState;
}
