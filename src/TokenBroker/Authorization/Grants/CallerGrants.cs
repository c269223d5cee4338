using System.Security.Cryptography;
using System.Text;
using TokenBroker.Authentication;
using TokenBroker.Caching.Redis;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization.Grants;

/// <summary>
/// Counts what callers receive, for policies that limit it. There is one count per caller, scope and operation, and every policy looks at
/// it, so limits of several policies never add up. A grant is counted before GitHub is asked, and returned if nothing comes of it: a
/// replica that dies in between leaves it counted, which is the safe side.
/// </summary>
/// <param name="policies">The policies; grants are remembered for the longest time that any of them counts.</param>
/// <param name="sharing">The count that all replicas share, if Redis is configured.</param>
/// <param name="clock">
/// The clock by which grants age, here and in Redis. Redis's clock would be the same for all replicas, but this replica's own count could
/// not use it while Redis is unreachable. The replicas' clocks differ by far less than a minute, the shortest time that a grant counts.
/// </param>
/// <param name="logger">The log.</param>
internal sealed partial class CallerGrants(PolicyStore policies, RedisSharing sharing, TimeProvider clock, ILogger<CallerGrants> logger)
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

    private readonly GrantLedger own = new();
    private long warnedAt;
    private long droppedBefore;

    /// <summary>Counts a grant if one of the policies has room for it. A policy without a limit always has room.</summary>
    /// <returns>The grant, with those of the allowing policies that had room for it.</returns>
    public async Task<Grant> ReserveAsync(
        Caller caller, Operation operation, Scope scope, IReadOnlyList<Policy> allowing, CancellationToken cancellation)
    {
        var key = KeyOf(caller, operation, scope);
        var id = Guid.NewGuid();
        var now = clock.GetUtcNow();
        var kept = policies.Current.LongestGrants;
        var withRoom = WithRoom(allowing, own.Add(key, id, now, kept, Limits(allowing, now)));
        WarnOfDropped();
        if (withRoom.Count == 0 || sharing.Ledger is not { } shared)
            return new Grant(withRoom, () => own.Remove(key, id), () => own.Keep(key, id, now, kept));

        // Even if Redis does not answer, it may have counted the grant.
        var grant = new Grant(
            withRoom,
            () =>
            {
                own.Remove(key, id);
                shared.Remove(key, id);
            },
            () => own.Keep(key, id, now, kept));
        try
        {
            // Redis counts a grant only if the last of these limits has room for it.
            var limits = Limits(withRoom, now);
            limits.Add((GrantLedger.Slots.Count, now - GrantLedger.Slots.Within));
            if (await shared.AddAsync(key, id, now, kept, GrantLedger.MostOfOne, limits, cancellation) is not { } room)
                return grant;
            if (room.Take(withRoom.Count).Contains(true))
                return new Grant(WithRoom(withRoom, room), grant.Dispose, room[^1] ? grant.Keep : KeepEverywhere);
            own.Remove(key, id);
            return new Grant([], giveBack: null);
        }
        catch
        {
            grant.Dispose();
            throw;
        }

        void KeepEverywhere()
        {
            grant.Keep();
            shared.Keep(key, id, now, kept, GrantLedger.MostOfOne);
        }
    }

    private void WarnOfDropped()
    {
        var dropped = own.Dropped;
        var warned = Interlocked.Read(ref warnedAt);
        if (dropped == Interlocked.Read(ref droppedBefore) || (warned != 0 && clock.GetElapsedTime(warned) < BetweenWarnings))
            return;
        if (Interlocked.CompareExchange(ref warnedAt, clock.GetTimestamp(), warned) == warned)
            Log.Dropped(logger, dropped - Interlocked.Exchange(ref droppedBefore, dropped), GrantLedger.Most);
    }

    private static List<(int Count, DateTimeOffset Since)> Limits(IEnumerable<Policy> allowing, DateTimeOffset now) =>
        [.. allowing.Select(policy => policy.Grants is { } limit ? (limit.Count, now - limit.Within) : (int.MaxValue, now))];

    private static List<Policy> WithRoom(IEnumerable<Policy> allowing, IReadOnlyList<bool> room) =>
        [.. allowing.Where((_, index) => room[index])];

    // Hashed because a caller can choose the length of its key, which comes last: no two callers share one.
    private static string KeyOf(Caller caller, Operation operation, Scope scope) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"grants|{OperationNames.NameOf(operation)}|{scope.Path}|{caller.Key}")));

    private static partial class Log
    {
        [LoggerMessage(
            1,
            LogLevel.Warning,
            "This replica dropped {Count} grants early because it remembers at most {Most}. While Redis is unreachable, their callers may "
            + "exceed their limits.")]
        public static partial void Dropped(ILogger logger, long count, int most);
    }
}

/// <summary>A grant that is already counted. Disposing returns it, unless it was kept.</summary>
/// <param name="policies">The policies that had room for it; empty if it was refused.</param>
/// <param name="giveBack">Removes it from the count.</param>
/// <param name="keep">Counts it, if there was no slot for it before.</param>
internal sealed class Grant(IReadOnlyList<Policy> policies, Action? giveBack, Action? keep = null) : IDisposable
{
    private Action? giveBack = giveBack;
    private Action? keep = keep;

    /// <summary>The policies that had room for it; empty if it was refused.</summary>
    public IReadOnlyList<Policy> Policies { get; } = policies;

    /// <summary>Keeps the grant, because the caller gets what it asked for, or may have got it.</summary>
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
