using Microsoft.Extensions.Logging.Console;

namespace TokenBroker.Telemetry;

/// <summary>
/// The log's format: one line of JSON per entry in a container, text in a terminal, unless the configuration says otherwise.
/// </summary>
internal static class LogRegistration
{
    private const string FormatterName = "Logging:Console:FormatterName";
    private const string FormatterOptions = "Logging:Console:FormatterOptions";

    public static void AddLogs(this WebApplicationBuilder builder)
    {
        // Every .NET container image sets this variable.
        var isInContainer = builder.Configuration.GetValue<bool>("DOTNET_RUNNING_IN_CONTAINER");
        if (builder.Configuration[FormatterName] is null && isInContainer)
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Json);
        if (!builder.Configuration.GetSection(FormatterOptions).Exists())
            builder.Services.Configure<JsonConsoleFormatterOptions>(Configure);
    }

    // Scopes hold the trace, the span and the request ID.
    private static void Configure(JsonConsoleFormatterOptions json)
    {
        json.IncludeScopes = true;
        json.UseUtcTimestamp = true;
        json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    }
}
