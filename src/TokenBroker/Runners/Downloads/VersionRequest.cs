namespace TokenBroker.Runners.Downloads;

/// <summary>The runner's version that a request's path names, as it was sent.</summary>
internal sealed record VersionRequest(string? Version)
{
    public const string Parameter = "version";
    public const int Longest = 32;

    /// <summary>Whether it is digits and single dots between them, such as <c>2.329.0</c>.</summary>
    public bool IsValid => Version is { Length: >= 1 and <= Longest } && Version.Split('.').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    public static ValueTask<VersionRequest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<VersionRequest?>(new VersionRequest(context.GetRouteValue(Parameter) as string));
}
