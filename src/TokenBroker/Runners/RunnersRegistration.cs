using FluentValidation;
using TokenBroker.Auditing;
using TokenBroker.Failures;
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
        services.AddSingleton<RequestGrants>();
        services.AddTokens();
        services.AddSingleton<RunnerLabels>();
        services.AddSingleton<RunnerDownloads>();
        services.AddSingleton<JitConfigurations>();
    }

    public static void MapRunners(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", ScopeForm.EnterprisePrefix })
        {
            var api = routes.MapGroup(prefix)
                .RequireAuthorization()
                .Audited()
                .AddEndpointFilter<RouteGroupBuilder, FailureFilter>()
                .AddEndpointFilterFactory(ValidationFilter.Create);
            if (prefix.Length > 0)
                api.ExcludeFromDescription();
            api.MapAccounts();
            foreach (var form in ScopeForm.All)
            {
                routes.MapMethods($"{prefix}{form.Route}/actions/runners/{RunnerRequest.Route}", MethodsOfNoRunner, RefuseMethod).RequireAuthorization().ExcludeFromDescription();
                var runners = api.MapGroup(form.Route + "/actions/runners")
                    .WithMetadata(form)
                    .AddEndpointFilter<RouteGroupBuilder, PolicyFilter>();
                runners.MapTokens(form);
                runners.MapJit(form);
                runners.MapListing(form);
                runners.MapLabels(form);
                runners.MapDownloads(form);
            }
        }
    }

    // Routing looks at methods before constraints: without this, a POST to any word in a runner's place were 405 and not 404.
    private static void RefuseMethod(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = "DELETE, GET";
    }
}
