namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>The installation tokens that were made, the oldest forgotten first.</summary>
internal sealed class InstallationTokens
{
    private const int Remembered = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, SandboxInstallationToken> tokens = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    public IReadOnlyList<SandboxInstallationToken> All
    {
        get
        {
            lock (gate)
                return [.. order.Select(token => tokens[token])];
        }
    }

    public SandboxInstallationToken? Find(string token)
    {
        lock (gate)
            return tokens.GetValueOrDefault(token);
    }

    public void Add(SandboxInstallationToken token)
    {
        lock (gate)
        {
            tokens.Add(token.Token, token);
            order.Enqueue(token.Token);
            if (order.Count > Remembered)
                tokens.Remove(order.Dequeue());
        }
    }
}
