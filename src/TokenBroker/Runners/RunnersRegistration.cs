using FluentValidation;
using TokenBroker.Runners.Accounts;
using TokenBroker.Runners.Downloads;
using TokenBroker.Runners.Jit;
using TokenBroker.Runners.Labels;
using TokenBroker.Runners.Listing;
using TokenBroker.Runners.Tokens;
using TokenBroker.Scopes;

namespace TokenBroker.Runners;

/// <summary>The HTTP surface: GitHub's own paths, at the root and where clients of GitHub Enterprise look.</summary>
internal static class RunnersRegistration
{
    private static readonly string[] MethodsOfNoRunner = ["POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"];

    public static void AddRunners(this IServiceCollection services)
    {
        services.AddValidatorsFromAssemblyContaining<ScopeRequestValidator>(ServiceLifetime.Singleton, includeInternalTypes: true);
        services.AddSingleton<ExchangeDecisions>();
        services.AddSingleton<Exchange>();
        services.AddTokens();
        services.AddSingleton<RunnerLabels>();
        services.AddSingleton<RunnerDownloads>();
        services.AddSingleton<JitConfigurations>();
    }

    /// <summary>Runs the steps of an exchange that come before endpoints. Call it after authentication and authorization.</summary>
    public static void UseExchange(this WebApplication app) => app.Use(app.Services.GetRequiredService<Exchange>().AdmitAsync);

    /// <summary>Runs the steps of an exchange around each of these endpoints. Call it before adding other filters.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="form">The form of the scope in their paths; null where they name none.</param>
    public static TBuilder WithExchange<TBuilder>(this TBuilder endpoints, ScopeForm? form)
        where TBuilder : IEndpointConventionBuilder => endpoints
            .WithMetadata(new ExchangeEndpoint())
            .AddEndpointFilterFactory((endpoint, next) =>
            {
                var exchange = endpoint.ApplicationServices.GetRequiredService<Exchange>();
                var validation = new RequestValidation(endpoint, form);
                return request => exchange.JudgeAsync(request, validation, next);
            });

    public static void MapRunners(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", ScopeForm.EnterprisePrefix })
        {
            var api = routes.MapGroup(prefix).RequireAuthorization();
            if (prefix.Length > 0)
                api.ExcludeFromDescription();
            api.MapAccounts().WithExchange(form: null);
            foreach (var form in ScopeForm.All)
            {
                routes.MapMethods($"{prefix}{form.Route}/actions/runners/{RunnerRequest.Route}", MethodsOfNoRunner, RefuseMethod)
                    .RequireAuthorization()
                    .ExcludeFromDescription();
                var runners = api.MapGroup(form.Route + "/actions/runners").WithExchange(form);
                runners.MapTokens(form);
                runners.MapJit(form);
                runners.MapListing(form);
                runners.MapLabels(form);
                runners.MapDownloads(form);
            }
        }
    }

    // Routing matches methods before constraints: without these, a POST to another word in place of a runner's ID would be a 405, not a
    // 404.
    private static void RefuseMethod(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "DELETE, GET";
    }
}
