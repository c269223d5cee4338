using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Logs;

namespace TokenBroker.Tests.Telemetry;

public sealed class OtlpSignalTests
{
    /// <summary>The exporter's library switches every signal on, and what has no address would go to its default one.</summary>
    [Theory]
    [InlineData("LOGS", true)]
    [InlineData("METRICS", false)]
    [InlineData("TRACES", false)]
    public async Task Logs_go_by_OTLP_only_where_they_have_an_address(string signal, bool areSent)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] = "http://127.0.0.1:1/v1/" + signal;
            configuration[$"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"] = "http/protobuf";
        });
        var rules = broker.Services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value.Rules;
        Assert.Equal(areSent, !rules.Any(rule => rule.ProviderName == typeof(OpenTelemetryLoggerProvider).FullName
            && rule.CategoryName is null
            && rule.LogLevel == LogLevel.None));
    }
}
