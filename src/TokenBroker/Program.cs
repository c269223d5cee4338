using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.Observability;
using TokenBroker.Runners;
using TokenBroker.Swagger;

namespace TokenBroker;

/// <summary>The broker: what it is made of, in the order in which a request meets it.</summary>
public sealed class Program
{
    private Program() { }

    /// <summary>Runs the broker until it is told to stop. Exit code 1 and a list of faults where the configuration is bad.</summary>
    public static async Task<int> Main(string[] args)
    {
        try
        {
            await using var app = Build(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (StartupFaults.Of(exception) is { Count: > 0 } faults)
        {
            StartupFaults.Print(faults, Console.Error);
            return 1;
        }
    }

    /// <summary>Puts the broker together without starting it.</summary>
    public static WebApplication Build(string[] args)
    {
        // appsettings.json lies beside the program, wherever it is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddHosting();
        builder.AddTelemetry();
        builder.AddLogs();
        builder.Services.AddCallers();
        builder.Services.AddPolicies();
        builder.Services.AddTokenCache();
        builder.Services.AddGitHub();
        builder.Services.AddRunners();
        builder.Services.AddHealth();
        builder.Services.AddSwagger();

        var app = builder.Build();
        app.Validate();
        app.UseHosting();
        app.UseSwaggerPage();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<RequestLimits>();
        app.MapHealth();
        app.MapRunners();
        return app;
    }
}
