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

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The path as it was sent, without the query.</summary>
    public string Path { get; }

    /// <summary>What it was for.</summary>
    public SandboxRequestKind Kind { get; }

    /// <summary>What sort of credential it carried.</summary>
    public SandboxCredentialKind Credential { get; }

    /// <summary>The status of the answer; null while there is none, or when the connection was cut instead.</summary>
    public int? Status => status == 0 ? null : status;

    internal void Answered(int answer) => status = answer;
}
