using System.Globalization;
using Microsoft.AspNetCore.Http.Extensions;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>One page of a list, and GitHub's <c>Link</c> header to the others.</summary>
internal sealed class ListPage
{
    private const int Usual = 30;
    private const int Most = 100;

    private readonly int size;
    private readonly int page;

    private ListPage(int size, int page)
    {
        this.size = size;
        this.page = page;
    }

    public static ListPage Of(HttpRequest request) =>
        new(Math.Min(Positive(request, "per_page", Usual), Most), Positive(request, "page", 1));

    public IEnumerable<T> Cut<T>(IReadOnlyCollection<T> all) => all.Skip((int)Math.Min(int.MaxValue, (page - 1L) * size)).Take(size);

    /// <summary>Null where everything is on one page. GitHub's links name the scope by its id.</summary>
    public string? Header(HttpContext context, string path, int total)
    {
        var last = Math.Max(1, (total + size - 1) / size);
        var links = new List<string>();
        if (page > 1)
            links.Add(Link(context, path, Math.Min(page - 1, last), "prev"));
        if (page < last)
            links.AddRange([Link(context, path, page + 1, "next"), Link(context, path, last, "last")]);
        if (page > 1)
            links.Add(Link(context, path, 1, "first"));
        return links.Count == 0 ? null : string.Join(", ", links);
    }

    private static int Positive(HttpRequest request, string name, int usual) =>
        int.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : usual;

    private static string Link(HttpContext context, string path, int page, string relation)
    {
        var query = new QueryBuilder(context.Request.Query
            .Where(pair => !string.Equals(pair.Key, "page", StringComparison.OrdinalIgnoreCase))
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString())))
        {
            { "page", page.ToString(CultureInfo.InvariantCulture) },
        };
        return $"<{GitHubJson.Base(context)}/{path}{query}>; rel=\"{relation}\"";
    }
}
