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
        // An empty list replaces all labels with none; adding none makes no sense.
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
            .OtherwiseInBody(LabelsRequest.Field, LabelNames.Rule)
            .When(request => request.Labels.IsGiven);
    }
}

/// <summary>The label in a request's path; null if it is ambiguous.</summary>
internal sealed record LabelRequest(string? Name)
{
    public const string Parameter = "name";

    /// <summary>
    /// Reads the label from the path as it was sent. The server does not decode <c>%2F</c>, so in its decoded path a label with a slash
    /// looks the same as one with these three characters.
    /// </summary>
    public static ValueTask<LabelRequest?> BindAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var sent = target.Split('?')[0].TrimEnd('/').Split('/')[^1];
        var asTheServerDecodes = Uri.UnescapeDataString(sent.Replace("%2F", "%252F", StringComparison.OrdinalIgnoreCase));

        // If dot segments were removed, the last segment may not be the one that was routed.
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

/// <summary>What GitHub accepts as labels.</summary>
internal static class LabelNames
{
    public const int Most = 100;
    public const int Longest = 256;

    /// <summary>What the characters of a label may be, for messages.</summary>
    public const string Characters = "visible and not a comma, with no path segment '.' or '..'";

    /// <summary>What a list of labels may be, for messages.</summary>
    public static string Rule { get; } = $"must be 1 to {Most} strings of 1 to {Longest} characters, {Characters}.";

    public static bool AreValid(IReadOnlyList<string>? labels) => labels is { Count: <= Most } && labels.All(IsValid);

    // Lists of labels are split at commas, so one label with a comma may be read as two that no policy saw. A segment of dots leads to
    // another path once a proxy has decoded the slashes around it.
    public static bool IsValid(string? label) =>
        label is { Length: >= 1 and <= Longest }
        && ReadableText.Is(label)
        && !label.Contains(',', StringComparison.Ordinal)
        && !label.Split('/', '\\').Any(part => part is "." or "..");
}
