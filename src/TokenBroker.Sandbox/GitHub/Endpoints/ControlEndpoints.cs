using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Endpoints that GitHub does not have: they make it fail and list its requests.</summary>
internal sealed class ControlEndpoints(SandboxFaults faults, SandboxRequestLog log)
{
    public const string Prefix = "/_sandbox";

    public void Map(IEndpointRouteBuilder routes)
    {
        var control = routes.MapGroup(Prefix);
        control.MapPost("/faults", AddAsync);
        control.MapGet("/faults", ListAsync);
        control.MapDelete("/faults", ClearAsync);
        control.MapGet("/requests", RequestsAsync);
        control.MapDelete("/requests", ResetAsync);
    }

    private async Task AddAsync(HttpContext context)
    {
        try
        {
            var body = await JsonBody.ReadAsync(context) ?? throw new ArgumentException("The body must be a JSON object.", nameof(context));
            var fault = Add(body);
            await GitHubJson.WriteAsync(context, StatusCodes.Status201Created, Describe(fault));
        }
        catch (ArgumentException exception)
        {
            // The client need not see the parameter's name, which the framework appends to the message.
            var message = exception.Message.Split(" (Parameter")[0];
            await GitHubError.WriteAsync(context, StatusCodes.Status400BadRequest, message);
        }
    }

    private SandboxFault Add(JsonObject body)
    {
        string[] known = ["fault", "times", "path", "seconds"];
        if (body.Select(member => member.Key).FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new ArgumentException($"Unknown member \"{unknown}\". A fault has: {string.Join(", ", known)}.", nameof(body));
        return faults.Add(
            Read<string>(body, "fault", JsonValueKind.String) ?? throw new ArgumentException("\"fault\" is missing.", nameof(body)),
            Read<int?>(body, "times", JsonValueKind.Number),
            Read<string>(body, "path", JsonValueKind.String),
            Read<double?>(body, "seconds", JsonValueKind.Number));
    }

    private static T? Read<T>(JsonObject body, string name, JsonValueKind kind)
    {
        if (body[name] is not { } node)
            return default;
        return node.GetValueKind() == kind && node.AsValue().TryGetValue<T>(out var value)
            ? value
            : throw new ArgumentException($"\"{name}\" has an invalid value.", nameof(body));
    }

    private Task ListAsync(HttpContext context) => GitHubJson.WriteAsync(context, StatusCodes.Status200OK, new JsonObject
    {
        ["active"] = new JsonArray([.. faults.Active.Select(Describe)]),
        ["names"] = new JsonArray([.. SandboxFaults.Names.Select(name => JsonValue.Create(name))]),
    });

    private Task ClearAsync(HttpContext context)
    {
        faults.Clear();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task ResetAsync(HttpContext context)
    {
        log.Reset();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task RequestsAsync(HttpContext context)
    {
        var counts = new JsonObject();
        foreach (var kind in Enum.GetValues<SandboxRequestKind>())
            counts[Write(kind)] = log.Count(kind);
        return GitHubJson.WriteAsync(context, StatusCodes.Status200OK, new JsonObject
        {
            ["in_flight"] = log.InFlight,
            ["held"] = log.Held,
            ["counts"] = counts,
            ["recent"] = new JsonArray([.. log.Recent.Select(Describe)]),
        });
    }

    private static JsonObject Describe(SandboxFault fault) => new()
    {
        ["fault"] = fault.Name,
        ["times"] = fault.Times,
        ["used"] = fault.Used,
        ["path"] = fault.Path,
        ["seconds"] = fault.Seconds,
    };

    private static JsonObject Describe(SandboxRequestEntry entry) => new()
    {
        ["method"] = entry.Method,
        ["path"] = entry.Path,
        ["query"] = entry.Query,
        ["status"] = entry.Status,
        ["kind"] = Write(entry.Kind),
        ["credential"] = Write(entry.Credential),
        ["scheme"] = entry.Scheme,
        ["permissions"] = entry.Permissions is { } permissions ? InstallationJson.Permissions(permissions) : null,
    };

    private static string Write<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
