using System.Globalization;
using FluentValidation;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;

namespace TokenBroker.Runners.Listing;

/// <summary>The query of a list, as it was sent.</summary>
internal sealed record PageRequest(StringValues PerPage, StringValues Page, StringValues Name)
{
    public const string PerPageParameter = "per_page";
    public const string PageParameter = "page";
    public const string NameParameter = "name";

    /// <summary>The most runners on one page; a larger number gets as many, as from GitHub.</summary>
    public const int Largest = 100;

    public const int LongestName = 256;

    /// <summary>The query for GitHub, escaped; empty if none was sent.</summary>
    public string Query
    {
        get
        {
            var query = new QueryBuilder();
            if (PerPage.Count > 0)
                query.Add(PerPageParameter, Math.Min(Largest, NumberOf(PerPage)!.Value).ToString(CultureInfo.InvariantCulture));
            if (Page.Count > 0)
                query.Add(PageParameter, NumberOf(Page)!.Value.ToString(CultureInfo.InvariantCulture));
            if (Name.Count > 0)
                query.Add(NameParameter, Name.ToString());
            return query.ToString();
        }
    }

    /// <summary>The number, if one was sent once; else null.</summary>
    public static int? NumberOf(StringValues sent) =>
        sent.Count == 1 && int.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;

    public static ValueTask<PageRequest?> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        return ValueTask.FromResult<PageRequest?>(new PageRequest(query[PerPageParameter], query[PageParameter], query[NameParameter]));
    }
}

internal sealed class PageRequestValidator : AbstractValidator<PageRequest>
{
    private const string WholeNumber = "must be a whole number of 1 or more, given once.";

    public PageRequestValidator()
    {
        RuleFor(request => request.PerPage).Must(BeNumberIfSent).Otherwise(PageRequest.PerPageParameter, WholeNumber);
        RuleFor(request => request.Page).Must(BeNumberIfSent).Otherwise(PageRequest.PageParameter, WholeNumber);
        RuleFor(request => request.Name)
            .Must(name => name.Count == 0 || (name.Count == 1 && IsName(name.ToString())))
            .Otherwise(
                PageRequest.NameParameter,
                $"must be at most {PageRequest.LongestName} characters without control characters, given once.");
    }

    private static bool IsName(string text) => text.Length <= PageRequest.LongestName && !text.Any(char.IsControl);

    private static bool BeNumberIfSent(StringValues sent) => sent.Count == 0 || PageRequest.NumberOf(sent) is not null;
}
