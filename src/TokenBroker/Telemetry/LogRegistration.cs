using Microsoft.Extensions.Logging.Console;

namespace TokenBroker.Telemetry;

/// <summary>Logs as whoever reads them wants them: JSON on one line in a container, text in a terminal. The configuration may say otherwise.</summary>
internal static class LogRegistration
{
    private const string FormatterName = "Logging:Console:FormatterName";
    private const string FormatterOptions = "Logging:Console:FormatterOptions";

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        // Every .NET container image sets it.
        if (builder.Configuration[FormatterName] is null && builder.Configuration.GetValue<bool>("DOTNET_RUNNING_IN_CONTAINER"))
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Json);
        if (!builder.Configuration.GetSection(FormatterOptions).Exists())
            builder.Services.Configure<JsonConsoleFormatterOptions>(Configure);
    }

    // Scopes carry the trace, the span and the request's id.
    private static void Configure(JsonConsoleFormatterOptions json)
    {
        json.IncludeScopes = true;
        json.UseUtcTimestamp = true;
        json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    }
}
