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

/// <summary>The broker: what it is made of, in the order in which a request meets it.</summary>
public sealed class Program
{
    private Program() { }

    /// <summary>Runs the broker until it is told to stop, or one command. Exit code 1 and a list of faults where the configuration is bad.</summary>
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

        // appsettings.json lies beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = line.Words, ContentRootPath = AppContext.BaseDirectory });
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

    /// <summary>What the broker is made of, for those who look at it without serving.</summary>
    internal static void Register(WebApplicationBuilder builder)
    {
        builder.AddHosting();
        builder.AddTelemetry();
        builder.AddLogs();
        builder.Services.AddHealth();
        builder.Services.AddAudit();
        builder.Services.AddCallerAuthentication();
        builder.Services.AddUnauthenticatedCallers();
        builder.Services.AddRateLimits();
        builder.Services.AddPolicies();
        builder.Services.AddTokenCache();
        builder.Services.AddGitHub();
        builder.Services.AddRunners();
        builder.Services.AddSwagger();
    }
}
