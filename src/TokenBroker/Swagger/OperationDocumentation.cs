using TokenBroker.Runners;

namespace TokenBroker.Swagger;

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
