namespace TokenBroker.Sandbox.GitHub;

/// <summary>One request that reached this GitHub.</summary>
public sealed class SandboxRequestEntry
{
    private volatile int status;

    internal SandboxRequestEntry(string method, string path, SandboxRequestKind kind, SandboxCredentialKind credential)
    {
        Method = method;
        Path = path;
        Kind = kind;
        Credential = credential;
    }

    public string Method { get; }

    /// <summary>The path as it was sent, without the query.</summary>
    public string Path { get; }

    /// <summary>The query as it was sent, with its question mark; empty if there was none.</summary>
    public string Query { get; init; } = "";

    /// <summary>The <c>x-github-request-id</c> of the answer.</summary>
    public string RequestId { get; internal set; } = "";

    public SandboxRequestKind Kind { get; }

    /// <summary>What sort of credential it carried.</summary>
    public SandboxCredentialKind Credential { get; }

    /// <summary>The scheme of its <c>Authorization</c>, as it was sent; null where there was none.</summary>
    public string? Scheme { get; init; }

    /// <summary>What the installation token that it carried was made for; null where it carried none.</summary>
    public IReadOnlyDictionary<string, string>? Permissions { get; init; }

    /// <summary>The status of the response; null until it is sent, or if the connection was cut instead.</summary>
    public int? Status => status == 0 ? null : status;

    internal void Answered(int answer) => status = answer;
}
