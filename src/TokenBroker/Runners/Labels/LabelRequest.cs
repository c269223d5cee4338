using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Runners.Labels;

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
