using FluentValidation;
using FluentValidation.Results;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>Validates the parts of a request that have a validator, and names every field at fault.</summary>
internal sealed class RequestValidation
{
    private readonly ScopeForm? form;
    private readonly IValidator<ScopeRequest> scopeValidator;
    private readonly IReadOnlyList<IValidator?> validators;

    /// <summary>Finds an endpoint's validators, once.</summary>
    public RequestValidation(EndpointFilterFactoryContext endpoint, ScopeForm? form)
    {
        this.form = form;
        var services = endpoint.ApplicationServices;
        scopeValidator = services.GetRequiredService<IValidator<ScopeRequest>>();
        validators = [.. endpoint.MethodInfo.GetParameters().Select(parameter =>
            (IValidator?)services.GetService(typeof(IValidator<>).MakeGenericType(parameter.ParameterType)))];
    }

    /// <summary>Reads the exchange's scope; the answer to a request that is not valid, null to one that is.</summary>
    /// <param name="arguments">The endpoint's arguments, in the order of its parameters.</param>
    /// <param name="exchange">The exchange.</param>
    public FailureResult? Reject(IList<object?> arguments, RunnerExchange exchange)
    {
        // The audit event names the runner even if something else in the request is not valid.
        if (arguments.OfType<RunnerRequest>().FirstOrDefault() is { IsValid: true } runner)
            exchange.Audit.RunnerId = runner.Id;

        var scope = form is null ? null : ScopeRequest.Read(form, exchange.Http);
        var errors = scope is null ? [] : scopeValidator.Validate(scope).Errors;
        for (var index = 0; index < validators.Count; index++)
        {
            if (validators[index] is { } validator && arguments[index] is { } argument)
                errors.AddRange(validator.Validate(new ValidationContext<object>(argument)).Errors);
        }

        if (errors.Count > 0)
            return Refuse(errors);
        exchange.Scope = scope?.Scope;
        return null;
    }

    private static FailureResult Refuse(List<ValidationFailure> errors)
    {
        // A fault of the body is reported once the rest is right: with the wrong path it may be meant for another endpoint.
        var kind = errors.TrueForAll(error => Field(error).IsOfBody) ? FailureKinds.InvalidFields : FailureKinds.InvalidRequest;
        var faults = errors.Select(error => new FieldFault(Field(error).Name, error.ErrorCode, error.ErrorMessage)).ToList();
        var detail = string.Join(' ', faults.Select(fault => $"'{fault.Field}' {fault.Message}"));
        return new FailureResult(new Failure(kind, detail) { Fields = faults });
    }

    private static RequestField Field(ValidationFailure error) => (RequestField)error.CustomState;
}

/// <summary>How validators name the field at fault.</summary>
internal static class FieldRules
{
    public const string Invalid = "invalid";
    public const string Missing = "missing_field";

    /// <summary>A part of the path or the query that GitHub could never accept.</summary>
    public static IRuleBuilderOptions<T, TProperty> Otherwise<T, TProperty>(
        this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Invalid).WithMessage(message).WithState(_ => new RequestField(field));

    /// <summary>A field of the body that is not what GitHub takes.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseInBody<T, TProperty>(
        this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Invalid).WithMessage(message).WithState(_ => new RequestField(field, IsOfBody: true));

    /// <summary>A body that is not a JSON object: no field in it can be named.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseNotAnObject<T, TProperty>(
        this IRuleBuilderOptions<T, TProperty> rule, Func<T, bool> hasByteOrderMark) =>
        rule.WithErrorCode(Invalid).WithState(_ => new RequestField("body")).WithMessage(request =>
            hasByteOrderMark(request)
                ? "begins with a byte order mark: send UTF-8 without one."
                : "must be a JSON object without duplicate keys.");

    /// <summary>A field that the body lacks.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseMissing<T, TProperty>(
        this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Missing).WithMessage(message).WithState(_ => new RequestField(field, IsOfBody: true));
}

/// <summary>A part of a request, under GitHub's name.</summary>
/// <param name="Name">GitHub's name.</param>
/// <param name="IsOfBody">Whether it is a field of the body: a fault there is a 422, one of the path or the query a 400.</param>
internal sealed record RequestField(string Name, bool IsOfBody = false);
