using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace TokenBroker.Benchmarks;

/// <summary>What no broker can do better than: Kestrel alone, and Kestrel with one check of the JWT's RSA signature a request.</summary>
internal sealed class FloorServer(byte[]? publicKey) : IDisposable
{
    private const int LongestJwt = 8 * 1024;

    // As long as a registration token's.
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        $$"""{"token":"{{new string('A', 29)}}","expires_at":"2026-01-01T00:00:00Z"}""");

    // One object is not to be used by two threads at once.
    private readonly ThreadLocal<RSA> keys = new(() => Read(publicKey!));

    /// <param name="arguments">The key in base64; nothing for a bare endpoint.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        using var floor = new FloorServer(arguments is [var key] ? Convert.FromBase64String(key) : null);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var server = builder.Build();
        server.Run(floor.AnswerAsync);
        await server.StartAsync();
        await Console.Out.WriteLineAsync($"Now listening on: {server.Urls.Single()}");
        await server.WaitForShutdownAsync();
        return 0;
    }

    public void Dispose() => keys.Dispose();

    private Task AnswerAsync(HttpContext context)
    {
        if (publicKey is not null && !IsSigned(context.Request.Headers.Authorization.ToString().AsSpan("Bearer ".Length)))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        return context.Response.Body.WriteAsync(Answer).AsTask();
    }

    private bool IsSigned(ReadOnlySpan<char> jwt)
    {
        Span<byte> text = stackalloc byte[LongestJwt];
        Span<byte> signature = stackalloc byte[512];
        var end = jwt.LastIndexOf('.');
        return Encoding.ASCII.TryGetBytes(jwt[..end], text, out var length)
            && Base64Url.TryDecodeFromChars(jwt[(end + 1)..], signature, out var signed)
            && keys.Value!.VerifyData(text[..length], signature[..signed], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static RSA Read(byte[] publicKey)
    {
        var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        return key;
    }
}
