using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using TokenBroker.Configuration;
using TokenBroker.Failures;
using TokenBroker.RateLimiting;
using TokenBroker.Scopes;

namespace TokenBroker.Swagger;

/// <summary>
/// The API's document and a page to try it, both anonymous: they show nothing that docs/api.md does not. The configuration can switch both
/// off.
/// </summary>
internal static class SwaggerRegistration
{
    private const string Scheme = "caller";
    private const string DocumentPath = "/swagger/" + ApiDocument.Name + "/swagger.json";

    // The page loads its own scripts and calls its own broker; Swagger UI sets inline styles.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
                Description = "GitHub's API for self-hosted runners, for callers without a GitHub credential. "
                    + "Authorize with the JWT that your platform gave you.",
            });
            options.AddServer(new OpenApiServer { Url = "/", Description = "The root" });
            options.AddServer(
                new OpenApiServer { Url = ScopeForm.EnterprisePrefix, Description = "The prefix of GitHub Enterprise Server" });
            options.AddSecurityDefinition(Scheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "The caller's own JWT, from an issuer that the broker trusts.",
            });
            options.AddSecurityRequirement(document =>
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] });
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
            page => page
                .UseMiddleware<AddressLimits>()
                .UseMiddleware<PageSlots>()
                .Use(ProtectAsync)
                .UseMiddleware<PageFiles>(new PageFiles.Source(UsePage(((IApplicationBuilder)app).New()).Build())));
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

/// <summary>Section <c>Swagger</c>: the API's document and the page to try it on.</summary>
public sealed class SwaggerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Swagger";

    /// <summary>Whether there are the page and the document, for everyone. Default true.</summary>
    public bool Enabled { get; set; } = true;
}

/// <summary>
/// Leaves schemas open: GitHub's answers reach clients with any field that it adds later, and clients must not refuse them.
/// </summary>
internal sealed class OpenSchemaFilter : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is OpenApiSchema described)
            described.AdditionalPropertiesAllowed = true;
    }
}
