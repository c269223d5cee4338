using System.Text.Json;
using TokenBroker.Configuration;
using TokenBroker.Telemetry;

namespace TokenBroker.Authorization;

/// <summary>
/// The policies in force. When the configuration file changes, all of them are replaced or none: a version with a fault is rejected, and
/// the previous one stays in force. Issuers are read at startup only, so a policy for a new issuer is a fault until the next start.
/// </summary>
internal sealed partial class PolicyStore : IWatchedFile
{
    private readonly ConfigurationVersions versions;
    private readonly PolicyListOptionsValidator validator;
    private readonly BrokerMetrics metrics;
    private readonly ILogger<PolicyStore> logger;
    private string? seen;
    private string? inForce;

    public PolicyStore(
        PolicyListOptions options,
        ConfigurationVersions versions,
        PolicyListOptionsValidator validator,
        BrokerMetrics metrics,
        ILogger<PolicyStore> logger)
    {
        this.versions = versions;
        this.validator = validator;
        this.metrics = metrics;
        this.logger = logger;
        seen = inForce = versions.Read();
        Current = PolicySet.Compile(options);
    }

    /// <summary>The policies in force, replaced as one object.</summary>
    public PolicySet Current { get; private set; }

    /// <summary>The faults of the newest version, one per line; empty while it is in force.</summary>
    public IReadOnlyList<string> Faults { get; private set; } = [];

    /// <summary>The other sections that have changed since startup; they are read at the next start.</summary>
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
            // The file is half written, or missing for a moment. The message may quote the file, so only the exception's type is reported.
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
        [LoggerMessage(1, LogLevel.Information, "The configuration file changed: {Count} policies are in force")]
        public static partial void Replaced(ILogger logger, int count);

        [LoggerMessage(
            4,
            LogLevel.Warning,
            "The configuration file also changed in {Sections}, which is read at the next start; run the command check on the file first")]
        public static partial void Waits(ILogger logger, string sections);

        [LoggerMessage(3, LogLevel.Information, "The configuration file is back to the version whose policies are in force")]
        public static partial void Restored(ILogger logger);

        [LoggerMessage(
            2,
            LogLevel.Error,
            "The configuration file changed, but its policies were rejected; the previous policies stay in force: {Faults}")]
        public static partial void Refused(ILogger logger, string faults);
    }
}
