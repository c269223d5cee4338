using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Commands;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Configuration;

/// <summary>The schema that is shipped is the one that the options make.</summary>
public sealed class ConfigurationSchemaTests
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly string Shipped = Path.Combine(
        Path.GetDirectoryName(SourcePath())!,
        "..",
        "..",
        "..",
        "src",
        "TokenBroker",
        "configuration.schema.json");

    [Fact]
    public async Task It_says_of_every_option_what_the_option_is()
    {
        await using var broker = CommandConfiguration.Build(path: null);
        var sections = broker.Services.GetServices<KnownSection>().ToList();
        Assert.Equal(
            [
                "Authentication",
                "Authorization",
                "ConnectionStrings",
                "ForwardedHeaders",
                "GitHub",
                "MetricsPage",
                "Overload",
                "RateLimit",
                "Shutdown",
                "Swagger",
                "TokenCache",
            ],
            sections.Select(section => section.Name).Order(StringComparer.Ordinal));

        var expected = ConfigurationSchema.Create(sections);
        if (Environment.GetEnvironmentVariable("ACCEPT_SCHEMA") == "1")
            await File.WriteAllTextAsync(Shipped, expected.ToJsonString(Written) + "\n");
        var differences = Differences("", expected, JsonNode.Parse(await File.ReadAllTextAsync(Shipped))).ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Prepend(
            "configuration.schema.json does not say what the options say; run this test with ACCEPT_SCHEMA=1 and read the difference:")));
    }

    [Fact]
    public void It_lies_beside_the_program_where_the_shipped_configuration_names_it()
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "appsettings.json")))!;
        var named = Path.Combine(AppContext.BaseDirectory, settings["$schema"]!.GetValue<string>());
        Assert.Equal(File.ReadAllText(Shipped), File.ReadAllText(named));
    }

    private static IEnumerable<string> Differences(string path, JsonNode? expected, JsonNode? actual)
    {
        if (expected is not JsonObject wanted || actual is not JsonObject shipped)
            return JsonNode.DeepEquals(expected, actual)
                ? []
                : [$"{path}: is {actual?.ToJsonString(Written) ?? "null"} and not {expected?.ToJsonString(Written) ?? "null"}"];
        return
        [
            .. wanted.Where(member => !shipped.ContainsKey(member.Key)).Select(member => $"{path}: '{member.Key}' is missing"),
            .. shipped
                .Where(member => !wanted.ContainsKey(member.Key))
                .Select(member => $"{path}: '{member.Key}' is no option or rule of the broker"),
            .. wanted.Where(member => shipped.ContainsKey(member.Key)).SelectMany(member => Differences(
                member.Key is "properties" or "additionalProperties" or "items" ? path : $"{path}:{member.Key}".TrimStart(':'),
                member.Value,
                shipped[member.Key])),
        ];
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
