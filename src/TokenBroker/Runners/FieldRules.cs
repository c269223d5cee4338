using FluentValidation;

namespace TokenBroker.Runners;

/// <summary>How validators name what is at fault.</summary>
internal static class FieldRules
{
    public const string Invalid = "invalid";
    public const string Missing = "missing_field";

    /// <summary>A part of the path or the query that GitHub could never accept.</summary>
    public static IRuleBuilderOptions<T, TProperty> Otherwise<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Invalid).WithMessage(message).WithState(_ => new RequestField(field));

    /// <summary>A field of the body that is not what GitHub takes.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseInBody<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Invalid).WithMessage(message).WithState(_ => new RequestField(field, IsOfBody: true));

    /// <summary>A body that is no JSON object: nothing in it can be named.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseNoObject<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule) =>
        rule.Otherwise("body", "must be a JSON object, without a member twice.");

    /// <summary>A field that the body must have.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseMissing<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Missing).WithMessage(message).WithState(_ => new RequestField(field, IsOfBody: true));
}
