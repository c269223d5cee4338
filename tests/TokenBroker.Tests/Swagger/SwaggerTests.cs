using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Swagger;

public sealed class SwaggerTests
{
    private const string Accept = "ACCEPT_SWAGGER";

    /// <summary>A change of the API is a difference that somebody reads: with ACCEPT_SWAGGER=1 the test writes the new document.</summary>
    [Fact]
    public async Task The_document_is_the_one_that_was_read()
    {
        await using var broker = await TestBroker.StartAsync();
        var document = JsonNode.Parse(await broker.Client.GetStringAsync("/swagger/v1/swagger.json"))!.ToString().ReplaceLineEndings("\n") + "\n";
        var path = Path.Combine(SourceFolder(), "swagger.json");
        if (Environment.GetEnvironmentVariable(Accept) == "1")
            await File.WriteAllTextAsync(path, document);
        Assert.Equal(await File.ReadAllTextAsync(path), document);
    }

    [Fact]
    public async Task The_page_is_for_everyone()
    {
        await using var broker = await TestBroker.StartAsync();
        using var redirect = await broker.Client.GetAsync("/swagger");
        Assert.Equal(HttpStatusCode.MovedPermanently, redirect.StatusCode);
        using var page = await broker.Client.GetAsync("/swagger/index.html");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    private static string SourceFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
