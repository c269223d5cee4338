using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Documentation;

/// <summary>What the document says of an endpoint, in GitHub's own terms.</summary>
/// <param name="OperationId">GitHub's own operation id.</param>
/// <param name="Summary">What it does, in a line.</param>
internal sealed record OperationDocumentation(string OperationId, string Summary)
{
    /// <summary>The scope's form, which names the first of the path's parameters; null where the path names no scope.</summary>
    public ScopeForm? Form { get; init; }

    /// <summary>What else there is to say.</summary>
    public string? Description { get; init; }

    /// <summary>The parameters beside the scope's.</summary>
    public IReadOnlyList<ParameterDocumentation> Parameters { get; init; } = [];

    /// <summary>The body; null where none is read.</summary>
    public ContentDocumentation? Body { get; init; }

    /// <summary>The answer when all is well.</summary>
    public required AnswerDocumentation Answer { get; init; }

    /// <summary>The failures that this endpoint has and others have not.</summary>
    public IReadOnlyList<FailureDocumentation> Failures { get; init; } = [];

    /// <summary>GitHub's operation id for a form: <c>actions/list-self-hosted-runners-for-org</c>.</summary>
    // See https://github.com/github/rest-api-description
    public static string IdOf(ScopeForm form, string name, string preposition = "for") =>
        $"{(form.Kind == Scopes.ScopeKind.Enterprise ? "enterprise-admin" : "actions")}/{name}-{preposition}-{form.Word}";
}

/// <summary>A parameter of the path or the query.</summary>
/// <param name="Name">Its name; a path's stands in the route.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">What it may be: a number's example makes it a number.</param>
internal sealed record ParameterDocumentation(string Name, string Description, object? Example)
{
    /// <summary>Whether it is a part of the path.</summary>
    public bool IsInPath { get; init; }

    /// <summary>Its range, where it is a number.</summary>
    public (int Least, int Most)? Range { get; init; }
}

/// <summary>The answer when all is well.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Description">What it is.</param>
/// <param name="Content">Its body; null where it has none.</param>
internal sealed record AnswerDocumentation(int Status, string Description, ContentDocumentation? Content)
{
    /// <summary>What <c>Accept: text/plain</c> gets instead; null where it gets nothing else.</summary>
    public string? PlainText { get; init; }

    /// <summary>Whether the answer has an <c>ETag</c>, and <c>If-None-Match</c> may be answered with 304.</summary>
    public bool IsConditional { get; init; }
}

/// <summary>A JSON body.</summary>
/// <param name="Schema">The type that describes it.</param>
/// <param name="Example">What it may be.</param>
internal sealed record ContentDocumentation(Type Schema, object Example);

/// <summary>A way in which a request ends badly.</summary>
/// <param name="Kind">An example of it.</param>
/// <param name="Detail">What the example tells.</param>
/// <param name="Meaning">What all answers of its status mean.</param>
internal sealed record FailureDocumentation(FailureKind Kind, string Detail, string Meaning);
