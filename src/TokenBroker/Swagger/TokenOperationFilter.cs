using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using TokenBroker.Failures;
using TokenBroker.Runners;
using TokenBroker.Scopes;

namespace TokenBroker.Swagger;

/// <summary>Describes the token endpoints in GitHub's own terms, with every answer that the failure table has for them.</summary>
internal sealed class TokenOperationFilter : IOperationFilter
{
    private static readonly (FailureKind Example, string Detail, string Meaning)[] FailureAnswers =
    [
        (FailureKinds.InvalidRequest, "'min_lifetime' must be whole seconds from 0 to 2700, once.", "A name or a query that GitHub could never accept; `errors` names the field."),
        (FailureKinds.Unauthenticated, "The JWT was refused: expired.", "No JWT, or one that does not validate."),
        (FailureKinds.PolicyDenied, "No policy allows this caller 'registration-token' on 'orgs/octo-org'.", "No policy allows it, or GitHub refuses it."),
        (FailureKinds.NotInstalled, "The GitHub App is not installed on 'orgs/octo-org', or there is no such organization.", "The App is not installed there, the scope moved, or the broker does not serve this kind of scope."),
        (FailureKinds.BodyTooLarge, "A request body may have 65536 bytes at most.", "The request body is over 64 kB."),
        (FailureKinds.GitHubUnavailable, "GitHub answered 502.", "GitHub, or the caller's issuer, cannot be reached or limits the broker; `Retry-After` says when to come back."),
    ];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        if (context.ApiDescription.ActionDescriptor.EndpointMetadata.OfType<TokenDocumentation>().SingleOrDefault() is not { } token)
            return;

        var where = token.Form.Kind switch
        {
            ScopeKind.Repository => "a repository",
            ScopeKind.Organization => "an organization",
            _ => "an enterprise",
        };
        operation.OperationId = token.OperationId;
        operation.Summary = $"Create a {token.Word} token for {where}";
        operation.Description = token.Word == "registration"
            ? "Returns a token for the runner's `config.sh --token`. It lasts up to an hour and is shared by all callers that a policy lets have it."
            : "Returns a token for the runner's `config.sh remove --token`. It lasts up to an hour and is shared by all callers that a policy lets have it.";
        operation.Tags = new HashSet<OpenApiTagReference> { new("Self-hosted runners", context.Document) };
        operation.RequestBody = null;
        operation.Parameters = [.. PathParameters(token.Form), LifetimeParameter()];
        operation.Responses = Responses(context, token.Word);
    }

    private static IEnumerable<IOpenApiParameter> PathParameters(ScopeForm form)
    {
        yield return PathParameter(form.OwnerParameter, form.Kind switch
        {
            ScopeKind.Repository => "The account owner of the repository. The name is not case sensitive.",
            ScopeKind.Organization => "The organization name. The name is not case sensitive.",
            _ => "The slug version of the enterprise name. You can also substitute this value with the enterprise id.",
        }, form.Kind == ScopeKind.Enterprise ? "octo-ent" : "octo-org");
        if (form.Kind == ScopeKind.Repository)
            yield return PathParameter(ScopeForm.RepositoryParameter, "The name of the repository without the `.git` extension. The name is not case sensitive.", "hello");
    }

    private static OpenApiParameter PathParameter(string name, string description, string example) => new()
    {
        Name = name,
        In = ParameterLocation.Path,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = ScopeNames.MaximumLength },
        Example = JsonValue.Create(example),
    };

    private static OpenApiParameter LifetimeParameter() => new()
    {
        Name = MinimumLifetime.Parameter,
        In = ParameterLocation.Query,
        Description = "The life that the token should have left, in whole seconds, for a machine that boots slowly.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0", Maximum = MinimumLifetime.Most.ToString(CultureInfo.InvariantCulture) },
    };

    private static OpenApiResponses Responses(OperationFilterContext context, string word)
    {
        var example = word == "registration" ? "LLBF3JGZDX3P5PMEXLND6TS6FCWO6" : "AABF3JGZDX3P5PMEXLND6TS6FCWO6";
        var responses = new OpenApiResponses
        {
            ["201"] = new OpenApiResponse
            {
                Description = "A token. `Cache-Status` says whether it was there already.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new OpenApiMediaType
                    {
                        Schema = context.SchemaGenerator.GenerateSchema(typeof(RunnerToken), context.SchemaRepository),
                        Example = new JsonObject { ["token"] = example, ["expires_at"] = "2020-01-22T12:13:35.123-08:00" },
                    },
                    ["text/plain"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = JsonValue.Create(example) },
                },
            },
        };
        foreach (var (kind, detail, meaning) in FailureAnswers)
        {
            responses[kind.Status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = meaning,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new OpenApiMediaType
                    {
                        Schema = context.SchemaGenerator.GenerateSchema(typeof(FailureBody), context.SchemaRepository),
                        Example = ExampleOf(kind, detail),
                    },
                },
            };
        }

        return responses;
    }

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
}
