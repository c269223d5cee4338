using TokenBroker.Hosting;

namespace TokenBroker.Observability;

/// <summary>Which signals go somewhere, and where.</summary>
internal sealed record OtlpDestinations(Uri? Metrics, Uri? Traces, Uri? Logs)
{
    private const string Common = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether the standard's switch turns everything off, what is fetched too.</summary>
    public bool IsDisabled { get; private init; }

    public bool Any => Metrics is not null || Traces is not null || Logs is not null;

    /// <summary>Reads the standard variables; a signal's own comes before the common one.</summary>
    public static OtlpDestinations Read(IConfiguration configuration) => string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        ? new OtlpDestinations(null, null, null) { IsDisabled = true }
        : new OtlpDestinations(Find("METRICS", configuration), Find("TRACES", configuration), Find("LOGS", configuration));

    private static Uri? Find(string signal, IConfiguration configuration)
    {
        foreach (var key in new[] { $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", Common })
        {
            if (configuration[key] is { Length: > 0 } text)
                return WebAddress.TryParse(text, out var address) ? address : throw new StartupFaultException($"{key}: must be an absolute http or https address.");
        }

        return null;
    }
}
