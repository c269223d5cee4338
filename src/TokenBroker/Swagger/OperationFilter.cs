using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using TokenBroker.Failures;
using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Swagger;

/// <summary>Describes an endpoint by its <see cref="OperationDocumentation"/>, with every failure that it can return.</summary>
internal sealed class OperationFilter : IOperationFilter
{
    private static readonly FailureDocumentation[] CommonFailures =
    [
        new(
            FailureKinds.InvalidRequest,
            "'org' must be 1 to 100 letters, digits, hyphens or underscores.",
            "A name, a query or a body that GitHub could never accept; `errors` names the field."),
        new(FailureKinds.Unauthenticated, "The JWT was refused: expired.", "No JWT, or one that does not validate."),
        new(
            FailureKinds.PolicyDenied,
            "No policy allows this caller 'registration-token' on 'orgs/octo-org'.",
            "No policy allows it, or GitHub refuses it."),
        new(
            FailureKinds.NotInstalled,
            "The GitHub App is not installed on 'orgs/octo-org', or there is no such organization.",
            "The App is not installed there, the scope has moved, the path names a runner, label or version that does not exist, "
            + "or the broker does not serve this kind of scope."),
        new(FailureKinds.BodyTooLarge, "The request body must not exceed 65536 bytes.", "The request body is over 64 kB."),
        new(
            FailureKinds.TooManyRequests,
            "This caller may send 120 requests per minute, in bursts of up to 60.",
            "The caller or its address sends too many requests, or too many that reach GitHub; `Retry-After` says when to retry."),
        new(
            FailureKinds.GitHubUnavailable,
            "GitHub answered 502.",
            "GitHub or the caller's issuer cannot be reached, or GitHub limits the broker; `Retry-After` says when to retry."),
    ];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.ApiDescription.ActionDescriptor.EndpointMetadata
            .OfType<OperationDocumentation>()
            .SingleOrDefault() is not { } documentation)
            return;

        operation.OperationId = documentation.OperationId;
        operation.Summary = documentation.Summary;
        operation.Description = documentation.Description;
        operation.Tags = new HashSet<OpenApiTagReference> { new("Self-hosted runners", context.Document) };
        operation.RequestBody = documentation.Body is { } body
            ? new OpenApiRequestBody { Required = true, Content = Json(context, body) }
            : null;
        operation.Parameters = [.. ScopeParameters(documentation.Form), .. documentation.Parameters.Select(Parameter)];
        operation.Responses = Responses(context, documentation);
    }

    private static IEnumerable<IOpenApiParameter> ScopeParameters(ScopeForm? form)
    {
        if (form is null)
            yield break;
        yield return NameParameter(form.OwnerParameter, form.Kind switch
        {
            ScopeKind.Repository => "The account owner of the repository. The name is not case sensitive.",
            ScopeKind.Organization => "The organization name. The name is not case sensitive.",
            _ => "The slug version of the enterprise name. You can also substitute this value with the enterprise id.",
        }, form.Kind == ScopeKind.Enterprise ? "octo-ent" : "octo-org");
        if (form.Kind == ScopeKind.Repository)
        {
            yield return NameParameter(
                ScopeForm.RepositoryParameter,
                "The name of the repository without the `.git` extension. The name is not case sensitive.",
                "hello");
        }
    }

    private static OpenApiParameter NameParameter(string name, string description, string example) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = ScopeNames.MaximumLength },
        Example = JsonValue.Create(example),
    };

    private static OpenApiParameter Parameter(ParameterDocumentation parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.IsInPath ? ParameterLocation.Path : ParameterLocation.Query,
        Required = parameter.IsInPath,
        Description = parameter.Description,
        Schema = new OpenApiSchema
        {
            Type = parameter.Example switch
            {
                int or long => JsonSchemaType.Integer,
                bool => JsonSchemaType.Boolean,
                _ => JsonSchemaType.String,
            },
            Format = parameter.Example is long ? "int64" : null,
            Minimum = parameter.Range?.Least.ToString(CultureInfo.InvariantCulture),
            Maximum = parameter.Range?.Most.ToString(CultureInfo.InvariantCulture),
        },
        Example = parameter.IsInPath ? JsonSerializer.SerializeToNode(parameter.Example) : null,
    };

    private static OpenApiResponses Responses(OperationFilterContext context, OperationDocumentation documentation)
    {
        var answer = documentation.Answer;
        var success = new OpenApiResponse
        {
            Description = answer.Description,
            Content = answer.Content is { } content ? Json(context, content) : null,
        };
        if (answer.PlainText is { } text)
        {
            success.Content!["text/plain"] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = JsonValue.Create(text),
            };
        }

        var responses = new OpenApiResponses { [Text(answer.Status)] = success };
        if (answer.IsConditional)
            responses["304"] = new OpenApiResponse { Description = "The version that `If-None-Match` names is still current." };
        foreach (var failure in CommonFailures.Concat(documentation.Failures).OrderBy(failure => failure.Kind.Status))
            responses[Text(failure.Kind.Status)] = Reference(context, failure);
        return responses;
    }

    // Described once and referenced: every endpoint has the same seven.
    private static OpenApiResponseReference Reference(OperationFilterContext context, FailureDocumentation failure)
    {
        context.Document.AddComponent<IOpenApiResponse>(failure.Kind.Name, new OpenApiResponse
        {
            Description = failure.Meaning,
            Content = Json(context, new ContentDocumentation(typeof(FailureBody), ExampleOf(failure.Kind, failure.Detail))),
        });
        return new OpenApiResponseReference(failure.Kind.Name, context.Document);
    }

    private static Dictionary<string, IOpenApiMediaType> Json(OperationFilterContext context, ContentDocumentation content) =>
        new(StringComparer.Ordinal)
        {
            ["application/json"] = new OpenApiMediaType
            {
                Schema = context.SchemaGenerator.GenerateSchema(content.Schema, context.SchemaRepository),
                Example = JsonSerializer.SerializeToNode(content.Example),
            },
        };

    private static JsonObject ExampleOf(FailureKind kind, string detail) => new()
    {
        ["type"] = kind.Type,
        ["title"] = kind.Title,
        ["status"] = kind.Status,
        ["detail"] = detail,
        ["message"] = detail,
        ["documentation_url"] = FailureResult.Documentation,
        ["request_id"] = "01a1fc86341e7f6cb7187cdcde2c552f",
    };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
