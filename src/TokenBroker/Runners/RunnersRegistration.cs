using FluentValidation;
using TokenBroker.Failures;
using TokenBroker.Runners.Accounts;
using TokenBroker.Runners.Downloads;
using TokenBroker.Runners.Jit;
using TokenBroker.Runners.Labels;
using TokenBroker.Runners.Listing;
using TokenBroker.Runners.Tokens;

namespace TokenBroker.Runners;

/// <summary>The HTTP surface: GitHub's own paths, at the root and where clients of GitHub Enterprise look.</summary>
internal static class RunnersRegistration
{
    public const string EnterprisePrefix = "/api/v3";

    public static void AddRunners(this IServiceCollection services)
    {
        services.AddSingleton<IValidator<ScopeRequest>, ScopeRequestValidator>();
        services.AddSingleton<IValidator<RunnerRequest>, RunnerRequestValidator>();
        services.AddTokens();
        services.AddSingleton<IValidator<PageRequest>, PageRequestValidator>();
        services.AddSingleton<IValidator<LabelsRequest>, LabelsRequestValidator>();
        services.AddSingleton<IValidator<LabelRequest>, LabelRequestValidator>();
        services.AddSingleton<IValidator<VersionRequest>, VersionRequestValidator>();
        services.AddSingleton<IValidator<JitRequest>, JitRequestValidator>();
        services.AddSingleton<IValidator<AccountRequest>, AccountRequestValidator>();
        services.AddSingleton<RunnerLabels>();
        services.AddSingleton<RunnerDownloads>();
        services.AddSingleton<JitConfigurations>();
    }

    public static void MapRunners(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", EnterprisePrefix })
        {
            var api = routes.MapGroup(prefix)
                .RequireAuthorization()
                .AddEndpointFilter<RouteGroupBuilder, FailureFilter>()
                .AddEndpointFilter<RouteGroupBuilder, ValidationFilter>();
            if (prefix.Length > 0)
                api.ExcludeFromDescription();
            api.MapAccounts();
            foreach (var form in ScopeForm.All)
            {
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
}
