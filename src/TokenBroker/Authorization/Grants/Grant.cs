namespace TokenBroker.Authorization.Grants;

/// <summary>A grant that is counted already. It is given back when disposed of, unless it was kept.</summary>
/// <param name="policies">The policies that had room for it; none where it was not made.</param>
/// <param name="giveBack">Makes it uncounted.</param>
/// <param name="keep">Counts it where there was no place for it before.</param>
internal sealed class Grant(IReadOnlyList<Policy> policies, Action? giveBack, Action? keep = null) : IDisposable
{
    private Action? giveBack = giveBack;
    private Action? keep = keep;

    /// <summary>The policies that had room for it; none where it was not made.</summary>
    public IReadOnlyList<Policy> Policies { get; } = policies;

    /// <summary>Says that the caller gets what it asked for, or may have got it.</summary>
    public void Keep()
    {
        keep?.Invoke();
        (keep, giveBack) = (null, null);
    }

    public void Dispose()
    {
        giveBack?.Invoke();
        (keep, giveBack) = (null, null);
    }
}
