using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using OpenTelemetry.Logs;
using TokenBroker.Caching;

namespace TokenBroker.Auditing;

/// <summary>Where audit lines go.</summary>
/// <param name="Writer">Writes them; throws if it cannot.</param>
/// <param name="Gate">The lock that other writers to the same place take, so that lines do not mix.</param>
/// <param name="Last">Takes the events that <paramref name="Writer"/> did not take before the process stops; null for none.</param>
internal sealed record AuditOutput(TextWriter Writer, object Gate, TextWriter? Last = null)
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    public AuditOutput(TextWriter writer)
        : this(writer, writer)
    {
    }

    /// <summary>Standard output. The console's writer shares its lock with the log's.</summary>
    public static AuditOutput Console()
    {
        // The console's writer ignores a closed pipe: events would be lost silently. It also blocks standard error while standard output is
        // blocked.
        var last = OperatingSystem.IsWindows() ? System.Console.Error : WriterOf(StandardError);
        return OperatingSystem.IsWindows() || WriterOf(StandardOutput) is not { BaseStream.CanSeek: false } pipe
            ? new AuditOutput(System.Console.Out, System.Console.Out, last)
            : new AuditOutput(pipe, System.Console.Out, last);
    }

    public void Write(string lines)
    {
        lock (Gate)
        {
            Writer.Write(lines);
            Writer.Flush();
        }
    }

    /// <summary>Writes the events that would be lost with the process, and makes it exit with code 1.</summary>
    public void WriteLast(string lines)
    {
        if (Last is null)
            return;
        Environment.ExitCode = 1;
        Last.Write(lines);
        Last.Flush();
    }

    private static StreamWriter WriterOf(int descriptor) =>
        new(
            new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}

/// <summary>
/// Sends events as OpenTelemetry logs if logs are exported. It bypasses the log's filters, so that no <c>Logging</c> setting switches it
/// off, and goes to OpenTelemetry alone: standard output has the events already.
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
        Dictionary<string, JsonElement> claims => claims.Select(claim =>
            new KeyValuePair<string, object?>($"{name}.{claim.Key}", AuditLine.ValueOf(claim.Value)?.ToString())),
        TokenHash hash => [new(name, hash.Base64)],
        _ => [new(name, value)],
    };
}
