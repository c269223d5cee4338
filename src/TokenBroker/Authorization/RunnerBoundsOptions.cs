namespace TokenBroker.Authorization;

/// <summary>The runners that a policy's callers may create, change or delete.</summary>
public sealed class RunnerBoundsOptions
{
    /// <summary>
    /// Patterns of runner names, in which <c>{/claim}</c> stands for the caller's own claim. Of <c>{/claim}-*</c>, <c>web</c> has the runners of <c>web-2</c>
    /// too: end a name with the claim. Required.
    /// </summary>
    public List<string> Names { get; init; } = [];

    /// <summary>Patterns of labels that a caller may ask for. Default: none beside <see cref="RequiredLabels"/>.</summary>
    public List<string> Labels { get; init; } = [];

    /// <summary>Labels that every runner gets. Default: none.</summary>
    public List<string> RequiredLabels { get; init; } = [];

    /// <summary>Runner groups by id. Default: only group 1.</summary>
    public List<long> GroupIds { get; init; } = [];

    /// <summary>Work folders. Default: only <c>_work</c>.</summary>
    public List<string> WorkFolders { get; init; } = [];
}
