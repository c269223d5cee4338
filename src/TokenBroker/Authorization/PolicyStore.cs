using System.Text.Json;
using TokenBroker.Configuration;
using TokenBroker.Telemetry;

namespace TokenBroker.Authorization;

/// <summary>
/// The policies in force. They change with the configuration's file, whole or not at all: a version with a fault is refused, and the
/// one before goes on. Issuers are those of the start, so a policy of a new one is a fault until then.
/// </summary>
internal sealed partial class PolicyStore : IWatchedFile
{
    private readonly ConfigurationVersions versions;
    private readonly PolicyListOptionsValidator validator;
    private readonly BrokerMetrics metrics;
    private readonly ILogger<PolicyStore> logger;
    private string? seen;
    private string? inForce;

    public PolicyStore(PolicyListOptions options, ConfigurationVersions versions, PolicyListOptionsValidator validator, BrokerMetrics metrics, ILogger<PolicyStore> logger)
    {
        this.versions = versions;
        this.validator = validator;
        this.metrics = metrics;
        this.logger = logger;
        seen = inForce = versions.Read();
        Current = PolicySet.Compile(options);
    }

    /// <summary>The policies, swapped whole.</summary>
    public PolicySet Current { get; private set; }

    /// <summary>What is wrong with the newest version, one line a fault; empty while it is in force.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>The sections that the file changed beside its policies since the start; they are read at the next one.</summary>
    public IReadOnlyList<string> Waiting { get; private set; } = [];

    public void Poll()
    {
        try
        {
            var text = versions.Read();
            if (text is null || text == seen)
                return;
            seen = text;
            if (text == inForce)
            {
                Faults = [];
                Log.Restored(logger);
                return;
            }

            using var configuration = versions.With(text);
            if (!Replace(configuration))
                return;
            inForce = text;
            Waiting = versions.ChangedBeside(PolicyListOptions.Section, configuration);
            if (Waiting.Count > 0)
                Log.Waits(logger, string.Join(", ", Waiting));
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidDataException && seen is not null)
        {
            Refuse([$"the file {ConfigurationFile.Explain(seen, exception)}"]);
        }
        catch (Exception exception)
        {
            // A file that is half written or gone for a moment; what it says may be quoted, so only the kind of fault is told.
            seen = null;
            Refuse([$"the file cannot be read ({exception.GetType().Name})"]);
        }
    }

    private bool Replace(IConfiguration configuration)
    {
        var options = StrictOptions.Read<PolicyListOptions>(configuration, PolicyListOptions.Section);
        IReadOnlyList<string> faults =
        [
            .. StrictOptions.FindFaults<PolicyListOptions>(configuration, PolicyListOptions.Section),
            .. validator.Validate(name: null, options).Failures ?? [],
        ];
        if (faults.Count > 0)
        {
            Refuse(faults);
            return false;
        }

        Current = PolicySet.Compile(options);
        Faults = [];
        metrics.Reloaded(applied: true);
        Log.Replaced(logger, options.Policies.Count);
        ConfigurationWarnings.Write(logger, PolicyWarnings.Find(Current));
        return true;
    }

    private void Refuse(IReadOnlyList<string> faults)
    {
        if (faults.SequenceEqual(Faults))
            return;
        Faults = faults;
        metrics.Reloaded(applied: false);
        Log.Refused(logger, string.Join(" ", faults));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The configuration's file changed: {Count} policies are in force")]
        public static partial void Replaced(ILogger logger, int count);

        [LoggerMessage(4, LogLevel.Warning, "The configuration's file changed in {Sections} too, which is read at the next start; try the file with the command check before")]
        public static partial void Waits(ILogger logger, string sections);

        [LoggerMessage(3, LogLevel.Information, "The configuration's file is again the one whose policies are in force")]
        public static partial void Restored(ILogger logger);

        [LoggerMessage(2, LogLevel.Error, "The configuration's file changed and its policies are refused; those before stay in force: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);
    }
}
