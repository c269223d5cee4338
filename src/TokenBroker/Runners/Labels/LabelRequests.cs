using FluentValidation;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Configuration;

namespace TokenBroker.Runners.Labels;

/// <summary>The labels that a request brings, as they were sent.</summary>
internal sealed record LabelsRequest(bool IsObject, BodyField<IReadOnlyList<string>> Labels, bool MayBeEmpty, bool HasByteOrderMark)
{
    public const string Field = "labels";

    /// <summary>The labels, once they are validated.</summary>
    public IReadOnlyList<string> Names => Labels.Value!;

    public static async ValueTask<LabelsRequest?> BindAsync(HttpContext context)
    {
        // None in place of all takes all away; none more is no request.
        // See https://docs.github.com/rest/actions/self-hosted-runners#set-custom-labels-for-a-self-hosted-runner-for-an-organization
        var body = await RequestBody.ReadAsync(context);
        return new LabelsRequest(body.IsObject, body.Texts(Field), HttpMethods.IsPut(context.Request.Method), body.HasByteOrderMark);
    }
}

internal sealed class LabelsRequestValidator : AbstractValidator<LabelsRequest>
{
    public LabelsRequestValidator()
    {
        RuleFor(request => request.IsObject).Equal(true).OtherwiseNotAnObject(request => request.HasByteOrderMark);
        RuleFor(request => request.Labels.IsGiven).Equal(true).OtherwiseMissing(LabelsRequest.Field, "is required.")
            .When(request => request.IsObject);
        RuleFor(request => request.Labels.Value)
            .Must((request, labels) => LabelNames.AreValid(labels) && (request.MayBeEmpty || labels!.Count > 0))
            .OtherwiseInBody(LabelsRequest.Field, $"must be 1 to {LabelNames.Most} texts of 1 to {LabelNames.Longest} characters, {LabelNames.Characters}.")
            .When(request => request.Labels.IsGiven);
    }
}

/// <summary>The label that a request's path names; null where it cannot be told which that is.</summary>
internal sealed record LabelRequest(string? Name)
{
    public const string Parameter = "name";

    /// <summary>
    /// Reads the label from the path as it was sent. The server leaves <c>%2F</c> as it is when it decodes a path, so that in what it
    /// decoded a label with a slash cannot be told from one with these three characters.
    /// </summary>
    public static ValueTask<LabelRequest?> BindAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var sent = target.Split('?')[0].TrimEnd('/').Split('/')[^1];
        var asTheServerDecodes = Uri.UnescapeDataString(sent.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase));

        // Where dot segments were removed the last part may be another than the one that was routed.
        var isSame = string.Equals(asTheServerDecodes, context.GetRouteValue(Parameter) as string, StringComparison.OrdinalIgnoreCase);
        return ValueTask.FromResult<LabelRequest?>(new LabelRequest(isSame ? Uri.UnescapeDataString(sent) : null));
    }
}

internal sealed class LabelRequestValidator : AbstractValidator<LabelRequest>
{
    public LabelRequestValidator() =>
        RuleFor(request => request.Name)
            .Must(LabelNames.IsValid)
            .Otherwise(LabelRequest.Parameter, $"must be a label of 1 to {LabelNames.Longest} characters, {LabelNames.Characters}.");
}

/// <summary>What GitHub takes as labels.</summary>
internal static class LabelNames
{
    public const int Most = 100;
    public const int Longest = 256;

    /// <summary>What the characters of a label may be, for whoever sent another.</summary>
    public const string Characters = "none of them invisible or a comma, and no part of it '.' or '..'";

    public static bool AreValid(IReadOnlyList<string>? labels) => labels is { Count: <= Most } && labels.All(IsValid);

    // Where labels are listed a comma parts them, so one label with a comma may be read as two, of which a policy saw neither. A part that is
    // dots leads to another path once somebody on the way has decoded the slashes beside it.
    public static bool IsValid(string? label) =>
        label is { Length: >= 1 and <= Longest }
        && ReadableText.Is(label)
        && !label.Contains(',', StringComparison.Ordinal)
        && !label.Split('/', '\\').Any(part => part is "." or "..");
}
