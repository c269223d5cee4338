using TokenBroker.Runners;

namespace TokenBroker.Swagger;

/// <summary>What the document says of a token endpoint.</summary>
/// <param name="OperationId">GitHub's own operation id.</param>
/// <param name="Form">The scope's form, which names the path's parameters.</param>
/// <param name="Word">The kind of token: <c>registration</c> or <c>remove</c>.</param>
internal sealed record TokenDocumentation(string OperationId, ScopeForm Form, string Word);
