using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// What must happen in Redis in one step. A stored secret begins with its expiry in milliseconds, 16 digits, so that a script can find the
/// newer of two without decrypting either.
/// </summary>
internal static class RedisScripts
{
    public const int ExpiryDigits = 16;

    /// <summary>
    /// KEYS value, failure, lock; ARGV stamp, lease, whether what is stored is known not to be enough. Takes the lock if nothing is stored,
    /// or nothing that is enough. Returns whether it did, the value, the failure, the lock's stamp and the lock's remaining time.
    /// </summary>
    public const string Enter = """
        local value, failure, taken = redis.call('get', KEYS[1]), redis.call('get', KEYS[2]), false
        if ARGV[3] == '1' or not (value or failure) then taken = redis.call('set', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2]) end
        return { taken and 1 or 0, value, failure, redis.call('get', KEYS[3]), redis.call('pttl', KEYS[3]) }
        """;

    /// <summary>KEYS lock; ARGV former stamp, stamp, lease. Takes over a lock that still has the former stamp.</summary>
    public const string TakeOver = """
        if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    /// <summary>KEYS lock; ARGV owner, stamp, lease. Renews the owner's lock.</summary>
    public const string Renew = """
        local lock = redis.call('get', KEYS[1])
        if not lock or string.sub(lock, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
        redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    /// <summary>
    /// KEYS value, failure, lock; ARGV value, lifetime, owner, channel, name. Keeps the newer secret; if there is an owner, releases
    /// its lock and publishes the secret.
    /// </summary>
    public const string PublishSecret = """
        local known = redis.call('get', KEYS[1])
        if not known or string.sub(known, 1, 16) < string.sub(ARGV[1], 1, 16) then redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
        redis.call('del', KEYS[2])
        if ARGV[3] == '' then return 1 end
        local lock = redis.call('get', KEYS[3])
        if lock and string.sub(lock, 1, #ARGV[3]) == ARGV[3] then redis.call('del', KEYS[3]) end
        redis.call('publish', ARGV[4], ARGV[5] .. '\n' .. redis.call('get', KEYS[1]))
        return 1
        """;

    /// <summary>
    /// KEYS value, failure, lock; ARGV failure, lifetime, owner, channel, name, whether to delete the value. Only for the lock's owner:
    /// another replica's mint may have succeeded since.
    /// </summary>
    public const string PublishFailure = """
        local lock = redis.call('get', KEYS[3])
        if not lock or string.sub(lock, 1, #ARGV[3]) ~= ARGV[3] then return 0 end
        if ARGV[6] == '1' then redis.call('del', KEYS[1]) end
        if ARGV[2] ~= '0' then redis.call('set', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
        redis.call('del', KEYS[3])
        redis.call('publish', ARGV[4], ARGV[5])
        return 1
        """;

    /// <summary>KEYS lock; ARGV owner. Releases the owner's lock.</summary>
    public const string Release = """
        local lock = redis.call('get', KEYS[1])
        if lock and string.sub(lock, 1, #ARGV[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
        return 0
        """;

    /// <summary>
    /// KEYS ledger; ARGV id, time, milliseconds to keep, most to keep, and for each limit its count and since when. Adds the id if the last
    /// limit has room and one of the others does, and returns for each whether it has. The time is the replica's and not Redis's: a replica
    /// uses the same clock when Redis is gone.
    /// </summary>
    public const string Count = """
        local room, any = {}, false
        for at = 5, #ARGV, 2 do
            local free = redis.call('zcount', KEYS[1], '(' .. ARGV[at + 1], '+inf') < tonumber(ARGV[at])
            room[#room + 1] = free and 1 or 0
            if free and at + 2 <= #ARGV then any = true end
        end
        if any and room[#room] == 1 then
            redis.call('zadd', KEYS[1], ARGV[2], ARGV[1])
            redis.call('zremrangebyrank', KEYS[1], 0, -(ARGV[4] + 1))
            if redis.call('pttl', KEYS[1]) < tonumber(ARGV[3]) then redis.call('pexpire', KEYS[1], ARGV[3]) end
        end
        return room
        """;

    /// <summary>KEYS ledger; ARGV id, time, milliseconds to keep, most to keep. Adds the id and drops the oldest surplus.</summary>
    public const string Keep = """
        redis.call('zadd', KEYS[1], ARGV[2], ARGV[1])
        redis.call('zremrangebyrank', KEYS[1], 0, -(ARGV[4] + 1))
        if redis.call('pttl', KEYS[1]) < tonumber(ARGV[3]) then redis.call('pexpire', KEYS[1], ARGV[3]) end
        return 1
        """;

    /// <summary>KEYS value; ARGV value. Removes the value if it has not changed.</summary>
    public const string RemoveSame = """
        if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
        return 0
        """;

    /// <summary>
    /// KEYS value, ledger; ARGV channel. Runs every command that the broker uses on keys that nothing else uses, and returns those that
    /// Redis refuses. The message that it publishes names no key.
    /// </summary>
    public const string CheckPermissions = """
        local refused = {}
        for _, command in ipairs({
            { 'set', KEYS[1], '1', 'PX', '10000' }, { 'get', KEYS[1] }, { 'pttl', KEYS[1] }, { 'del', KEYS[1] },
            { 'zadd', KEYS[2], '1', '1' }, { 'pexpire', KEYS[2], '10000' }, { 'zcount', KEYS[2], '-inf', '+inf' },
            { 'zremrangebyrank', KEYS[2], '0', '-2' }, { 'zrem', KEYS[2], '1' }, { 'publish', ARGV[1], '' } }) do
            local answer = redis.pcall(unpack(command))
            if type(answer) == 'table' and answer.err then refused[#refused + 1] = command[1] end
        end
        return refused
        """;
}

/// <summary>
/// Reads the replies of scripts. Something other than Redis may be at the address, so each method throws a
/// <see cref="FormatException"/> for any other shape.
/// </summary>
internal static class ScriptReply
{
    /// <summary>1 or 0.</summary>
    public static bool Flag(RedisResult reply) => Number(reply) switch
    {
        0 => false,
        1 => true,
        _ => throw Malformed(),
    };

    public static RedisResult[] List(RedisResult reply, int length) =>
        reply.Resp2Type == ResultType.Array && !reply.IsNull && reply.Length == length ? (RedisResult[])reply! : throw Malformed();

    public static IReadOnlyList<string> Words(RedisResult reply) => reply.Resp2Type == ResultType.Array && !reply.IsNull
        ? [.. ((RedisResult[])reply!).Select(word => (string?)Value(word) ?? throw Malformed())]
        : throw Malformed();

    public static long Number(RedisResult reply) =>
        reply.Resp2Type == ResultType.Integer && !reply.IsNull ? (long)reply : throw Malformed();

    /// <summary>A value, or null.</summary>
    public static RedisValue Value(RedisResult reply) =>
        reply.IsNull ? RedisValue.Null : reply.Resp2Type == ResultType.BulkString ? (RedisValue)reply : throw Malformed();

    /// <summary>The exception for a reply of another shape, or one that contradicts itself.</summary>
    public static FormatException Malformed() => new("Redis gave a malformed reply to a script.");
}
