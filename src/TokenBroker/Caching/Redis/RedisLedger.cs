using System.Globalization;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// What was counted under a key, in all replicas: random ids, each with its time. Redis is a help and never a condition: where it cannot
/// help, it has no opinion.
/// </summary>
internal sealed class RedisLedger(RedisConnection connection, RedisSettings settings, TimeProvider clock, Action<Func<Task>> run)
{
    /// <summary>Counts something, if the last of the limits has room for it and one of the others, in one step.</summary>
    /// <param name="key">What is counted under.</param>
    /// <param name="id">What is counted.</param>
    /// <param name="now">When.</param>
    /// <param name="kept">How long the key is kept after it.</param>
    /// <param name="most">The most that is kept under the key; the oldest goes.</param>
    /// <param name="limits">A limit has room while fewer than so many are younger than that.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Which limits have room; null where Redis does not tell.</returns>
    public async Task<IReadOnlyList<bool>?> AddAsync(
        string key, Guid id, DateTimeOffset now, TimeSpan kept, int most, IReadOnlyList<(int Count, DateTimeOffset Since)> limits, CancellationToken cancellation)
    {
        RedisValue[] values =
        [
            Text(id), now.ToUnixTimeMilliseconds(), (long)kept.TotalMilliseconds, most,
            .. limits.SelectMany(limit => new RedisValue[] { limit.Count, limit.Since.ToUnixTimeMilliseconds() }),
        ];
        try
        {
            return await connection.EvaluateAsync<IReadOnlyList<bool>>(
                RedisScripts.Count, [NameOf(key)], values, answer => [.. ScriptAnswer.List(answer, limits.Count).Select(ScriptAnswer.Flag)], new RedisBudget(clock), cancellation);
        }
        catch (RedisUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Counts something whatever the limits, as far as Redis can be reached. Nobody waits for it.</summary>
    public void Keep(string key, Guid id, DateTimeOffset at, TimeSpan kept, int most) => run(() => connection.EvaluateAsync(
        RedisScripts.Keep, [NameOf(key)], [Text(id), at.ToUnixTimeMilliseconds(), (long)kept.TotalMilliseconds, most], _ => true, new RedisBudget(clock)));

    /// <summary>Makes something uncounted, as far as Redis can be reached. Nobody waits for it.</summary>
    public void Remove(string key, Guid id) =>
        run(() => connection.RunAsync(redis => redis.SortedSetRemoveAsync(NameOf(key), Text(id)), new RedisBudget(clock)));

    private RedisKey NameOf(string key) => RedisNames.Of(settings.KeyPrefix, key).Ledger;

    private static string Text(Guid id) => id.ToString("N", CultureInfo.InvariantCulture);
}
