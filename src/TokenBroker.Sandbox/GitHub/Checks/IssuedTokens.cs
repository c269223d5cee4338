namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Tokens that were made, the oldest forgotten first.</summary>
internal sealed class IssuedTokens<T>
    where T : class
{
    private const int Remembered = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, T> tokens = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    public IReadOnlyList<T> All
    {
        get
        {
            lock (gate)
                return [.. order.Select(token => tokens[token])];
        }
    }

    public T? Find(string token)
    {
        lock (gate)
            return tokens.GetValueOrDefault(token);
    }

    public void Add(string token, T what)
    {
        lock (gate)
        {
            tokens.Add(token, what);
            order.Enqueue(token);
            if (order.Count > Remembered)
                tokens.Remove(order.Dequeue());
        }
    }
}
