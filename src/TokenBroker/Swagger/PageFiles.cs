using System.Collections.Concurrent;
using Microsoft.Net.Http.Headers;
using TokenBroker.Failures;

namespace TokenBroker.Swagger;

/// <summary>
/// Serves the page's files from memory. The library decompresses its scripts again for each request that does not accept gzip, which costs
/// 9 ms of CPU each time.
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

        // One spelling per file: the library accepts any case, and each would be another copy.
        var key = (request.Path.Value!.ToLowerInvariant(), isPacked);
        var reading = files.GetOrAdd(key, new Lazy<Task<PageFile?>>(() => Task.Run(() => ReadAsync(key.Item1, isPacked))));

        // Anyone can request names of files that do not exist, so those are not kept; PageSlots bounds how many are looked up at once.
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

    /// <param name="Page">The library's page, which answers 404 for unknown files.</param>
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

            // Streamed in pieces: as a whole, each file would be copied for each client, however slowly it reads.
            return TypedResults.Stream(new MemoryStream(content, writable: false), contentType, entityTag: entityTag).ExecuteAsync(context);
        }
    }
}

/// <summary>
/// Bounds how many clients receive the page and its document at once, and for how long each: a slow reader holds a request in flight, and
/// needs no JWT for it.
/// </summary>
internal sealed class PageSlots(RequestDelegate next, TimeProvider clock)
{
    public const int Most = 128;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private int count;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref count) > Most)
            {
                var failure = new Failure(FailureKinds.Overloaded, "Too many clients are loading this page.") { RetryAfter = Wait };
                await new FailureResult(failure).ExecuteAsync(context);
                return;
            }

            await using var deadline = clock.CreateTimer(
                static state => ((HttpContext)state!).Abort(), context, Longest, Timeout.InfiniteTimeSpan);
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }
}
