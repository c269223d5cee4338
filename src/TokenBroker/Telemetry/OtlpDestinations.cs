using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

/// <summary>Where metrics, traces and logs are sent by OTLP; null for signals that are not sent.</summary>
internal sealed record OtlpDestinations(Uri? Metrics, Uri? Traces, Uri? Logs)
{
    private const string Common = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Milliseconds = "must be a number of milliseconds.";

    // See https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    private static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    /// <summary>Whether the standard switch turns everything off, the metrics page included.</summary>
    public bool IsDisabled { get; private init; }

    public bool Any => Metrics is not null || Traces is not null || Logs is not null;

    /// <summary>Reads the standard variables; a signal's own takes precedence over the common one.</summary>
    public static OtlpDestinations Read(IConfiguration configuration)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return new OtlpDestinations(null, null, null) { IsDisabled = true };
        var destinations = new OtlpDestinations(
            Find("METRICS", configuration), Find("TRACES", configuration), Find("LOGS", configuration));
        Check(configuration);
        return destinations;
    }

    // The library ends the process for headers that it cannot parse, and ignores other faults.
    private static void Check(IConfiguration configuration)
    {
        foreach (var signal in new[] { "", "METRICS_", "TRACES_", "LOGS_" })
        {
            Check(configuration, $"OTEL_EXPORTER_OTLP_{signal}HEADERS", AreHeaders, "must be NAME=value, separated by commas.");
            Check(
                configuration,
                $"OTEL_EXPORTER_OTLP_{signal}PROTOCOL",
                text => text is "grpc" or "http/protobuf",
                "must be grpc or http/protobuf.");
            Check(configuration, $"OTEL_EXPORTER_OTLP_{signal}TIMEOUT", IsMilliseconds, Milliseconds);
        }

        Check(configuration, "OTEL_METRIC_EXPORT_INTERVAL", IsMilliseconds, Milliseconds);
        Check(configuration, "OTEL_TRACES_SAMPLER", Samplers.Contains, $"must be one of {string.Join(", ", Samplers)}.");
    }

    private static void Check(IConfiguration configuration, string key, Func<string, bool> isSound, string fault)
    {
        if (configuration[key] is { Length: > 0 } text && !isSound(text))
            throw new StartupFaultException($"{key}: {fault}");
    }

    private static bool AreHeaders(string text) => text.Split(',').All(header => header.IndexOf('=', StringComparison.Ordinal) > 0);

    private static bool IsMilliseconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;

    private static Uri? Find(string signal, IConfiguration configuration)
    {
        foreach (var key in new[] { $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", Common })
        {
            if (configuration[key] is not { Length: > 0 } text)
                continue;
            return WebAddress.TryParse(text, out var address)
                ? address
                : throw new StartupFaultException($"{key}: must be an absolute http or https address.");
        }

        return null;
    }
}
