using System.Globalization;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// What all replicas have counted under a key: random ids, each with its time. Redis helps but is never required: if it is unavailable, the
/// caller goes by its own count.
/// </summary>
internal sealed class RedisLedger(RedisConnection connection, RedisSettings settings, BackgroundWrites writes, TimeProvider clock)
{
    /// <summary>Counts an id if the last limit has room for it and at least one of the others does, in one step.</summary>
    /// <param name="key">The key to count under.</param>
    /// <param name="id">The id.</param>
    /// <param name="now">Its time.</param>
    /// <param name="kept">How long the key is kept after it.</param>
    /// <param name="most">How many ids are kept under the key; the oldest is dropped.</param>
    /// <param name="limits">A limit has room while fewer than <c>Count</c> ids are younger than <c>Since</c>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Which limits have room; null if Redis is unavailable.</returns>
    public async Task<IReadOnlyList<bool>?> AddAsync(
        string key,
        Guid id,
        DateTimeOffset now,
        TimeSpan kept,
        int most,
        IReadOnlyList<(int Count, DateTimeOffset Since)> limits,
        CancellationToken cancellation)
    {
        RedisValue[] values =
        [
            Format(id), now.ToUnixTimeMilliseconds(), (long)kept.TotalMilliseconds, most,
            .. limits.SelectMany(limit => new RedisValue[] { limit.Count, limit.Since.ToUnixTimeMilliseconds() }),
        ];
        try
        {
            return await connection.EvaluateAsync<IReadOnlyList<bool>>(
                RedisScripts.Count,
                [LedgerOf(key)],
                values,
                reply => [.. ScriptReply.List(reply, limits.Count).Select(ScriptReply.Flag)],
                new RedisDeadline(clock),
                cancellation);
        }
        catch (RedisUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Counts an id whatever the limits, if Redis can be reached. The caller does not wait.</summary>
    public void Keep(string key, Guid id, DateTimeOffset at, TimeSpan kept, int most)
    {
        RedisValue[] values = [Format(id), at.ToUnixTimeMilliseconds(), (long)kept.TotalMilliseconds, most];
        writes.Start(() => connection.EvaluateAsync(RedisScripts.Keep, [LedgerOf(key)], values, _ => true, new RedisDeadline(clock)));
    }

    /// <summary>Removes an id, if Redis can be reached. The caller does not wait.</summary>
    public void Remove(string key, Guid id) =>
        writes.Start(() => connection.RunAsync(redis => redis.SortedSetRemoveAsync(LedgerOf(key), Format(id)), new RedisDeadline(clock)));

    private RedisKey LedgerOf(string key) => RedisNames.FromKey(settings.KeyPrefix, key).Ledger;

    private static string Format(Guid id) => id.ToString("N", CultureInfo.InvariantCulture);
}
