using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace TokenBroker.Swagger;

/// <summary>The API's document. It does not change while the process runs, so it is created once, for the first request.</summary>
internal sealed class ApiDocument(IServiceScopeFactory scopes)
{
    public const string Name = "v1";

    // Requests during its creation wait for it without blocking a thread.
    private readonly Lazy<Task<Serialized>> serialized = new(() => Task.Run(() => SerializeAsync(scopes)));

    /// <summary>The document, or 304 for a client that has it.</summary>
    public async Task<IResult> GetAsync()
    {
        var (content, entityTag) = await serialized.Value;
        return TypedResults.Bytes(content, "application/json; charset=utf-8", entityTag: entityTag);
    }

    private static async Task<Serialized> SerializeAsync(IServiceScopeFactory scopes)
    {
        await using var scope = scopes.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredService<IAsyncSwaggerProvider>().GetSwaggerAsync(Name);
        var content = Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_0));
        return new Serialized(content, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\""));
    }

    private sealed record Serialized(byte[] Content, EntityTagHeaderValue EntityTag);
}
