using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace TokenBroker.Swagger;

/// <summary>Leaves schemas open: GitHub's answers are passed on with whatever it adds one day, and a client must not refuse them.</summary>
internal sealed class OpenSchemaFilter : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is OpenApiSchema described)
            described.AdditionalPropertiesAllowed = true;
    }
}
