using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace TokenBroker.Tests.Swagger;

public sealed class DocumentTests
{
    // GitHub's own ids, https://docs.github.com/rest/actions/self-hosted-runners
    [Theory]
    [InlineData("get", "/repos/{owner}/{repo}/actions/runners", "actions/list-self-hosted-runners-for-repo")]
    [InlineData("get", "/orgs/{org}/actions/runners", "actions/list-self-hosted-runners-for-org")]
    [InlineData("get", "/enterprises/{enterprise}/actions/runners", "enterprise-admin/list-self-hosted-runners-for-enterprise")]
    [InlineData("get", "/repos/{owner}/{repo}/actions/runners/downloads", "actions/list-runner-applications-for-repo")]
    [InlineData("get", "/enterprises/{enterprise}/actions/runners/downloads", "enterprise-admin/list-runner-applications-for-enterprise")]
    [InlineData("post", "/repos/{owner}/{repo}/actions/runners/generate-jitconfig", "actions/generate-runner-jitconfig-for-repo")]
    [InlineData("post", "/orgs/{org}/actions/runners/generate-jitconfig", "actions/generate-runner-jitconfig-for-org")]
    [InlineData("post", "/enterprises/{enterprise}/actions/runners/generate-jitconfig", "actions/generate-runner-jitconfig-for-enterprise")]
    [InlineData("post", "/orgs/{org}/actions/runners/registration-token", "actions/create-registration-token-for-org")]
    [InlineData("post", "/enterprises/{enterprise}/actions/runners/remove-token", "enterprise-admin/create-remove-token-for-enterprise")]
    [InlineData("get", "/orgs/{org}/actions/runners/{runner_id}", "actions/get-self-hosted-runner-for-org")]
    [InlineData("delete", "/repos/{owner}/{repo}/actions/runners/{runner_id}", "actions/delete-self-hosted-runner-from-repo")]
    [InlineData("delete", "/orgs/{org}/actions/runners/{runner_id}", "actions/delete-self-hosted-runner-from-org")]
    [InlineData(
        "delete",
        "/enterprises/{enterprise}/actions/runners/{runner_id}",
        "enterprise-admin/delete-self-hosted-runner-from-enterprise")]
    [InlineData("get", "/orgs/{org}/actions/runners/{runner_id}/labels", "actions/list-labels-for-self-hosted-runner-for-org")]
    [InlineData(
        "post",
        "/repos/{owner}/{repo}/actions/runners/{runner_id}/labels",
        "actions/add-custom-labels-to-self-hosted-runner-for-repo")]
    [InlineData("put", "/orgs/{org}/actions/runners/{runner_id}/labels", "actions/set-custom-labels-for-self-hosted-runner-for-org")]
    [InlineData(
        "delete",
        "/enterprises/{enterprise}/actions/runners/{runner_id}/labels",
        "enterprise-admin/remove-all-custom-labels-from-self-hosted-runner-for-enterprise")]
    [InlineData(
        "delete",
        "/orgs/{org}/actions/runners/{runner_id}/labels/{name}",
        "actions/remove-custom-label-from-self-hosted-runner-for-org")]
    [InlineData("get", "/users/{owner}", "users/get-by-username")]
    public async Task Operations_have_GitHubs_own_ids(string method, string path, string id)
    {
        await using var broker = await TestBroker.StartAsync();
        var document = await ReadAsync(broker);
        Assert.Equal(id, document["paths"]![path]![method]!["operationId"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_endpoint_is_in_the_document_once()
    {
        await using var broker = await TestBroker.StartAsync();
        var document = await ReadAsync(broker);
        var described = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"))
            .Order(StringComparer.Ordinal).ToList();

        // The prefix is one of the document's servers, so what is below it must be what is below the root.
        foreach (var prefix in new[] { "", "/api/v3" })
            Assert.Equal(described, Mapped(broker, prefix));
        Assert.Equal(["/", "/api/v3"], document["servers"]!.AsArray().Select(server => server!["url"]!.GetValue<string>()));

        var ids = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject())
            .Select(operation => operation.Value!["operationId"]!.GetValue<string>())
            .ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal((3 * 13) + 2, ids.Count);
    }

    [Fact]
    public async Task Every_operation_says_how_it_ends_and_what_it_is_asked_with()
    {
        await using var broker = await TestBroker.StartAsync();
        var document = await ReadAsync(broker);
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var answers = operation!["responses"]!.AsObject().Select(answer => answer.Key).ToList();
                Assert.True(
                    answers.Contains("401") && answers.Contains("403") && answers.Contains("503"),
                    $"{method} {path}: {string.Join(' ', answers)}");
                Assert.Single(answers, answer => answer.StartsWith('2'));
                var named = (operation["parameters"]?.AsArray() ?? [])
                    .Where(parameter => parameter!["in"]!.GetValue<string>() == "path")
                    .Select(parameter => "{" + parameter!["name"] + "}");
                Assert.Equal(
                    path.Split('/').Where(part => part.StartsWith('{')).Order(StringComparer.Ordinal),
                    named.Order(StringComparer.Ordinal));
                Assert.NotEmpty(operation["summary"]!.GetValue<string>());
            }
        }
    }

    [Fact]
    public async Task Schemas_leave_room_for_what_GitHub_adds()
    {
        await using var broker = await TestBroker.StartAsync();
        var document = await ReadAsync(broker);
        Assert.NotEmpty(document["components"]!["schemas"]!.AsObject());
        Assert.All(
            document["components"]!["schemas"]!.AsObject(),
            schema => Assert.NotEqual("false", schema.Value!["additionalProperties"]?.ToString()));
    }

    private static List<string> Mapped(TestBroker broker, string prefix) =>
    [
        .. broker.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (
                Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'),
                Methods: endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []))
            .Where(endpoint => endpoint.Path.StartsWith("/api/v3/", StringComparison.Ordinal) == (prefix.Length > 0))
            .Select(endpoint => (Path: endpoint.Path[prefix.Length..], endpoint.Methods))
            .Where(endpoint => endpoint.Path.Contains("/actions/runners", StringComparison.Ordinal)
                || endpoint.Path.StartsWith("/users/", StringComparison.Ordinal)
                || endpoint.Path == "/caller")

            // What only says which methods there are is no operation.
            .Where(endpoint => !endpoint.Methods.Contains("TRACE", StringComparer.Ordinal))
            .SelectMany(endpoint => endpoint.Methods.Select(method => $"{method} {WithoutConstraint(endpoint.Path)}"))
            .Order(StringComparer.Ordinal),
    ];

    private static string WithoutConstraint(string path) =>
        string.Join('/', path.Split('/').Select(part => part.StartsWith('{') && part.Contains(':', StringComparison.Ordinal)
            ? part[..part.IndexOf(':', StringComparison.Ordinal)] + "}"
            : part));

    private static async Task<JsonNode> ReadAsync(TestBroker broker) =>
        JsonNode.Parse(await broker.Client.GetStringAsync("/swagger/v1/swagger.json"))!;
}
