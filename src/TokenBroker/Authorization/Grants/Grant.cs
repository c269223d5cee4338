namespace TokenBroker.Authorization.Grants;

/// <summary>A grant that is counted already. It is given back when disposed of, unless it was kept.</summary>
/// <param name="policies">The policies that had room for it; none where it was not made.</param>
/// <param name="giveBack">Makes it uncounted.</param>
internal sealed class Grant(IReadOnlyList<Policy> policies, Action? giveBack) : IDisposable
{
    private Action? giveBack = giveBack;

    /// <summary>The policies that had room for it; none where it was not made.</summary>
    public IReadOnlyList<Policy> Policies { get; } = policies;

    /// <summary>Says that the caller gets what it asked for.</summary>
    public void Keep() => giveBack = null;

    public void Dispose()
    {
        giveBack?.Invoke();
        giveBack = null;
    }
}
