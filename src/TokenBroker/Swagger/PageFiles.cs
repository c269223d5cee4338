using System.Collections.Concurrent;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Swagger;

/// <summary>
/// Serves the page's files from memory. The library unpacks its scripts anew for each request that does not take them packed, 9 ms of CPU for
/// whoever asks.
/// </summary>
internal sealed class PageFiles(RequestDelegate next, PageFiles.Source source)
{
    private const string Packed = "gzip";

    private readonly ConcurrentDictionary<(string Path, bool IsPacked), Lazy<Task<PageFile?>>> files = new();

    public async Task InvokeAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) && await FindAsync(context.Request) is { } file)
            await file.SendAsync(context);
        else
            await next(context);
    }

    private async Task<PageFile?> FindAsync(HttpRequest request)
    {
        var isPacked = request.GetTypedHeaders().AcceptEncoding.Any(accepted => accepted.Value == Packed && accepted.Quality is not 0);

        // One spelling a file: the library takes any, and each would be another copy.
        var key = (request.Path.Value!.ToLowerInvariant(), isPacked);
        var reading = files.GetOrAdd(key, new Lazy<Task<PageFile?>>(() => Task.Run(() => ReadAsync(key.Item1, isPacked))));

        // What is no file, anyone can ask for under any name; as many are looked for at once as there are places.
        var file = await reading.Value;
        if (file is null)
            files.TryRemove(key, out _);
        return file;
    }

    private async Task<PageFile?> ReadAsync(string path, bool isPacked)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = path;
        if (isPacked)
            context.Request.Headers.AcceptEncoding = Packed;
        context.Response.Body = body;
        await source.Page(context);
        return context.Response.StatusCode == StatusCodes.Status200OK ? new PageFile(body.ToArray(), context.Response) : null;
    }

    /// <summary>Where the files come from.</summary>
    /// <param name="Page">The library's page; 404 for what it has not.</param>
    internal sealed record Source(RequestDelegate Page);

    private sealed class PageFile(byte[] content, HttpResponse response)
    {
        private readonly string? contentType = response.ContentType;
        private readonly EntityTagHeaderValue? entityTag = response.GetTypedHeaders().ETag;
        private readonly string? encoding = response.Headers.ContentEncoding;

        public Task SendAsync(HttpContext context)
        {
            context.Response.Headers.CacheControl = "private, no-cache";
            context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
            if (encoding is not null)
                context.Response.Headers.ContentEncoding = encoding;

            // In pieces, as the client takes them: as a whole each would be copied for each client, however slowly it reads.
            return TypedResults.Stream(new MemoryStream(content, writable: false), contentType, entityTag: entityTag).ExecuteAsync(context);
        }
    }
}
