using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

/// <summary>Which signals go somewhere, and where.</summary>
internal sealed record OtlpDestinations(Uri? Metrics, Uri? Traces, Uri? Logs)
{
    private const string Common = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Milliseconds = "must be a number of milliseconds.";

    // See https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    private static readonly string[] Samplers = ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    /// <summary>Whether the standard's switch turns everything off, what is fetched too.</summary>
    public bool IsDisabled { get; private init; }

    public bool Any => Metrics is not null || Traces is not null || Logs is not null;

    /// <summary>Reads the standard variables; a signal's own comes before the common one.</summary>
    public static OtlpDestinations Read(IConfiguration configuration) => string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
        ? new OtlpDestinations(null, null, null) { IsDisabled = true }
        : Check(configuration, new OtlpDestinations(Find("METRICS", configuration), Find("TRACES", configuration), Find("LOGS", configuration)));

    // The library ends the process for headers that it cannot read, and ignores the rest.
    private static OtlpDestinations Check(IConfiguration configuration, OtlpDestinations destinations)
    {
        foreach (var signal in new[] { "", "METRICS_", "TRACES_", "LOGS_" })
        {
            Check(configuration, $"OTEL_EXPORTER_OTLP_{signal}HEADERS", AreHeaders, "must be NAME=value, several with a comma between them.");
            Check(configuration, $"OTEL_EXPORTER_OTLP_{signal}PROTOCOL", text => text is "grpc" or "http/protobuf", "must be grpc or http/protobuf.");
            Check(configuration, $"OTEL_EXPORTER_OTLP_{signal}TIMEOUT", IsMilliseconds, Milliseconds);
        }

        Check(configuration, "OTEL_METRIC_EXPORT_INTERVAL", IsMilliseconds, Milliseconds);
        Check(configuration, "OTEL_TRACES_SAMPLER", Samplers.Contains, $"must be one of {string.Join(", ", Samplers)}.");
        return destinations;
    }

    private static void Check(IConfiguration configuration, string key, Func<string, bool> isSound, string fault)
    {
        if (configuration[key] is { Length: > 0 } text && !isSound(text))
            throw new StartupFaultException($"{key}: {fault}");
    }

    private static bool AreHeaders(string text) => text.Split(',').All(header => header.IndexOf('=', StringComparison.Ordinal) > 0);

    private static bool IsMilliseconds(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0;

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
