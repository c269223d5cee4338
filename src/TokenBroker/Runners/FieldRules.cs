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
    /// <param name="rule">Asks whether it is one.</param>
    /// <param name="hasMark">Whether it begins with a byte order mark.</param>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseNoObject<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, Func<T, bool> hasMark) =>
        rule.WithErrorCode(Invalid).WithState(_ => new RequestField("body")).WithMessage(request =>
            hasMark(request) ? "begins with a byte order mark: send it in UTF-8 without one." : "must be a JSON object, without a member twice.");

    /// <summary>A field that the body must have.</summary>
    public static IRuleBuilderOptions<T, TProperty> OtherwiseMissing<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, string field, string message) =>
        rule.WithErrorCode(Missing).WithMessage(message).WithState(_ => new RequestField(field, IsOfBody: true));
}
