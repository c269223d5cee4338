using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching;
using TokenBroker.Callers;
using TokenBroker.Commands;
using TokenBroker.Configuration;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.RateLimiting;
using TokenBroker.Runners;
using TokenBroker.Swagger;
using TokenBroker.Telemetry;

namespace TokenBroker;

/// <summary>The broker: its parts, in the order in which a request meets them.</summary>
public sealed class Program
{
    private Program() { }

    /// <summary>Runs the broker until it is stopped, or one command. A bad configuration lists its faults and exits with code 1.</summary>
    public static Task<int> Main(string[] args)
    {
        if (CommandLine.IsCommand(args))
            return CommandLine.RunAsync(args, Console.Out, Console.Error);
        MemoryExhaustion.EndsProcess();
        return StartupFaults.ReportAsync(() => Build(args).RunAsync());
    }

    /// <summary>Puts the broker together without starting it.</summary>
    public static WebApplication Build(string[] args)
    {
        var line = ServingArguments.Parse(args);

        // appsettings.json lies beside the program, whatever the working directory.
        var options = new WebApplicationOptions { Args = line.Words, ContentRootPath = AppContext.BaseDirectory };
        var builder = WebApplication.CreateBuilder(options);
        Register(builder);
        var app = builder.Build();
        line.Check(app.Services.GetServices<KnownSection>());
        app.Validate();
        app.UseHosting();
        app.UseSwaggerPage();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseExchange();
        app.MapHealth();
        app.MapCaller();
        app.MapRunners();
        return app;
    }

    /// <summary>Registers what the broker consists of, also for commands that do not serve.</summary>
    internal static void Register(WebApplicationBuilder builder)
    {
        builder.AddHosting();
        builder.AddTelemetry();
        builder.AddLogs();
        builder.Services.AddStateReports();
        builder.Services.AddHealth();
        builder.Services.AddAudit();
        builder.Services.AddCallerAuthentication();
        builder.Services.AddUnauthenticatedCallers();
        builder.Services.AddRateLimits();
        builder.Services.AddPolicies();
        builder.Services.AddTokenCacheOptions();
        builder.Services.AddGitHub();
        builder.Services.AddRunners();
        builder.Services.AddSwagger();
    }
}
