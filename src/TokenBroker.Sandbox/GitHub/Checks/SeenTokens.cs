namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Tokens that were used; the oldest are forgotten first.</summary>
internal sealed class SeenTokens
{
    private const int Remembered = 10_000;

    private readonly Lock gate = new();
    private readonly HashSet<string> tokens = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    public bool TryAdd(string token)
    {
        lock (gate)
        {
            if (!tokens.Add(token))
                return false;
            order.Enqueue(token);
            if (order.Count > Remembered)
                tokens.Remove(order.Dequeue());
            return true;
        }
    }
}
