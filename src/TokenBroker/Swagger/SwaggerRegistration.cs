using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using TokenBroker.Configuration;
using TokenBroker.Failures;
using TokenBroker.RateLimiting;
using TokenBroker.Scopes;

namespace TokenBroker.Swagger;

/// <summary>The API's document and the page to try it on, for everyone: they show nothing that the README does not. The configuration may switch both off.</summary>
internal static class SwaggerRegistration
{
    private const string Scheme = "caller";
    private const string DocumentPath = "/swagger/" + ApiDocument.Name + "/swagger.json";

    // The page loads its own scripts and asks its own broker; Swagger UI writes styles into its elements.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void AddSwagger(this IServiceCollection services)
    {
        services.AddStrictOptions<SwaggerOptions>(SwaggerOptions.Section);
        services.AddSingleton<ApiDocument>();
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc(ApiDocument.Name, new OpenApiInfo
            {
                Title = "Token Broker",
                Version = ApiDocument.Name,
                Description = "GitHub's API for self-hosted runners, for callers who hold no GitHub credential. Authorize with the JWT that your platform gave you.",
            });
            options.AddServer(new OpenApiServer { Url = "/", Description = "The root" });
            options.AddServer(new OpenApiServer { Url = ScopeForm.EnterprisePrefix, Description = "Where clients of GitHub Enterprise look" });
            options.AddSecurityDefinition(Scheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "The caller's own JWT, from an issuer that the broker knows.",
            });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] });
            options.CustomSchemaIds(type => type == typeof(FailureBody) ? nameof(Failure) : type.Name);
            options.OperationFilter<OperationFilter>();
            options.SchemaFilter<OpenSchemaFilter>();
        });
    }

    public static void UseSwaggerPage(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<SwaggerOptions>>().Value.Enabled)
            return;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase),
            page => page.UseMiddleware<AddressLimits>().UseMiddleware<PagePlaces>().Use(ProtectAsync).UseMiddleware<PageFiles>(new PageFiles.Source(UsePage(((IApplicationBuilder)app).New()).Build())));
        app.MapGet(DocumentPath, (ApiDocument document) => document.GetAsync()).AllowAnonymous().ExcludeFromDescription();
        UsePage(app);
    }

    private static IApplicationBuilder UsePage(IApplicationBuilder app) => app.UseSwaggerUI(options =>
    {
        options.SwaggerEndpoint(DocumentPath, "Token Broker");
        options.DocumentTitle = "Token Broker";
    });

    private static Task ProtectAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy = PagePolicy;
        return next(context);
    }
}
