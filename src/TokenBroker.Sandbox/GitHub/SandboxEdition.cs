namespace TokenBroker.Sandbox.GitHub;

/// <summary>How this GitHub differs from another healthy one.</summary>
internal sealed class SandboxEdition
{
    private volatile bool enterpriseServer;
    private volatile bool downloadTokens;
    private volatile SandboxTokenShape tokenShape;

    public bool EnterpriseServer
    {
        get => enterpriseServer;
        set => enterpriseServer = value;
    }

    public bool DownloadTokens
    {
        get => downloadTokens;
        set => downloadTokens = value;
    }

    public SandboxTokenShape TokenShape
    {
        get => tokenShape;
        set => tokenShape = value;
    }
}
