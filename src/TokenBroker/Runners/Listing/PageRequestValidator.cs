using FluentValidation;
using Microsoft.Extensions.Primitives;

namespace TokenBroker.Runners.Listing;

internal sealed class PageRequestValidator : AbstractValidator<PageRequest>
{
    private const string WholeNumber = "must be a whole number from 1, once.";

    public PageRequestValidator()
    {
        RuleFor(request => request.PerPage).Must(BeNumberIfSent).Otherwise(PageRequest.PerPageParameter, WholeNumber);
        RuleFor(request => request.Page).Must(BeNumberIfSent).Otherwise(PageRequest.PageParameter, WholeNumber);
        RuleFor(request => request.Name)
            .Must(name => name.Count == 0 || (name.Count == 1 && name.ToString() is { Length: <= PageRequest.LongestName } text && !text.Any(char.IsControl)))
            .Otherwise(PageRequest.NameParameter, $"must be at most {PageRequest.LongestName} characters, none of them a control character, once.");
    }

    private static bool BeNumberIfSent(StringValues sent) => sent.Count == 0 || PageRequest.NumberOf(sent) is not null;
}
