using OpenTelemetry.Logs;
using TokenBroker.Caching;

namespace TokenBroker.Auditing;

/// <summary>
/// Sends events as OpenTelemetry logs where logs are sent at all. It goes past the log's filters, so that no setting of <c>Logging</c>
/// switches it off, and to OpenTelemetry alone: standard output has the events already.
/// </summary>
internal sealed class AuditExport(IEnumerable<ILoggerProvider> providers)
{
    private readonly ILogger? logger = providers.OfType<OpenTelemetryLoggerProvider>().FirstOrDefault()?.CreateLogger("TokenBroker.Audit");

    public void Send(AuditEvent happened)
    {
        if (logger is null)
            return;
        var attributes = new List<KeyValuePair<string, object?>>();
        foreach (var (name, value) in happened.Members())
            attributes.AddRange(AttributesOf(name, value));
        logger.Log(LogLevel.Information, new EventId(1, happened.Name), attributes, exception: null, (_, _) => happened.Name);
    }

    private static IEnumerable<KeyValuePair<string, object?>> AttributesOf(string name, object value) => value switch
    {
        IReadOnlyList<string> texts => [new(name, texts.ToArray())],
        Dictionary<string, System.Text.Json.JsonElement> claims => claims.Select(claim => new KeyValuePair<string, object?>($"{name}.{claim.Key}", AuditLine.ValueOf(claim.Value)?.ToString())),
        TokenHash hash => [new(name, hash.Base64)],
        _ => [new(name, value)],
    };
}
