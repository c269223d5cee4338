using System.Security.Cryptography;
using System.Text;
using TokenBroker.Authentication;
using TokenBroker.Caching.Redis;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization.Grants;

/// <summary>
/// Counts what callers are given, for policies that give it only so often. There is one count for a caller, a scope and an operation,
/// which all policies look at, so that several never add up. A grant is counted before anything is made and given back if nothing is: a
/// replica that dies in between leaves it counted, which is the safe side.
/// </summary>
/// <param name="policies">The policies, of which the one that counts longest says how long grants are remembered.</param>
/// <param name="sharing">The count of all replicas, if there is one.</param>
/// <param name="clock">
/// The time by which grants age, here and in Redis. Redis' own would be one clock for all, but not the one that this replica's count goes
/// by when Redis is gone; what replicas' clocks differ by is little beside a minute, which is the least that a grant counts.
/// </param>
/// <param name="logger">What an operator is told.</param>
internal sealed partial class CallerGrants(PolicyStore policies, RedisSharing sharing, TimeProvider clock, ILogger<CallerGrants> logger)
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(10);

    private readonly GrantLedger own = new();
    private long warnedAt;
    private long droppedBefore;

    /// <summary>Counts a grant, if one of the policies has room for it. A policy that counts none always has.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="operation">What for.</param>
    /// <param name="scope">Where.</param>
    /// <param name="allowing">The policies that allow it.</param>
    /// <param name="cancellation">The caller's own cancellation.</param>
    public async Task<Grant> ReserveAsync(Caller caller, Operation operation, Scope scope, IReadOnlyList<Policy> allowing, CancellationToken cancellation)
    {
        var key = KeyOf(caller, operation, scope);
        var id = Guid.NewGuid();
        var now = clock.GetUtcNow();
        var kept = policies.Current.LongestGrants;
        var withRoom = WithRoom(allowing, own.Add(key, id, now, kept, Limits(allowing, now)));
        WarnOfDropped();
        if (withRoom.Count == 0 || sharing.Ledger is not { } shared)
            return new Grant(withRoom, () => own.Remove(key, id), () => own.Keep(key, id, now, kept));

        // Also where Redis does not answer: it may have counted all the same.
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
            // Redis counts nothing that has no room in the last of them.
            var limits = Limits(withRoom, now);
            limits.Add((GrantLedger.Places.Count, now - GrantLedger.Places.Within));
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

    private static List<Policy> WithRoom(IEnumerable<Policy> allowing, IReadOnlyList<bool> room) => [.. allowing.Where((_, index) => room[index])];

    // Hashed for its length, which a caller may choose. The id comes last, and the name before it with its length: no two callers share one.
    private static string KeyOf(Caller caller, Operation operation, Scope scope) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"grants|{OperationNames.NameOf(operation)}|{scope.Path}|{caller.Issuer.Length}|{caller.Issuer}|{caller.Id}")));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "This replica forgot {Count} grants before their time, for it remembers {Most}. While Redis is unreachable, their callers may get as much again.")]
        public static partial void Dropped(ILogger logger, long count, int most);
    }
}

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
