namespace TokenBroker.Caching.Redis;

/// <summary>
/// What must happen in Redis in one step. A value begins with its expiry in milliseconds, 16 digits, so that Redis can tell the newer of
/// two without reading either.
/// </summary>
internal static class RedisScripts
{
    /// <summary>Digits of the expiry before a value.</summary>
    public const int ExpiryDigits = 16;

    /// <summary>
    /// KEYS value, failure, lock; ARGV stamp, lease, whether what is there is known not to be enough. Takes the lock where nothing is there,
    /// or nothing that is enough. Gives whether it did, value, failure, whose lock it is and its time.
    /// </summary>
    public const string Enter = """
        local value, failure, taken = redis.call('get', KEYS[1]), redis.call('get', KEYS[2]), false
        if ARGV[3] == '1' or not (value or failure) then taken = redis.call('set', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2]) end
        return { taken and 1 or 0, value, failure, redis.call('get', KEYS[3]), redis.call('pttl', KEYS[3]) }
        """;

    /// <summary>KEYS lock; ARGV former stamp, stamp, lease. Takes over a lock that is still what it was.</summary>
    public const string TakeOver = """
        if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    /// <summary>KEYS lock; ARGV owner, stamp, lease. Renews a lock that is the owner's.</summary>
    public const string Renew = """
        local lock = redis.call('get', KEYS[1])
        if not lock or string.sub(lock, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
        redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    /// <summary>KEYS value, failure, lock; ARGV value, lifetime, owner, channel, name. Keeps the newer token, sends it round if it has an owner, and ends the owner's lock.</summary>
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
    /// KEYS value, failure, lock; ARGV failure, lifetime, owner, channel, name, whether the value goes. Only for the lock's owner: another
    /// replica's mint may have gone well since.
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

    /// <summary>KEYS lock; ARGV owner. Ends a lock that is the owner's.</summary>
    public const string Leave = """
        local lock = redis.call('get', KEYS[1])
        if lock and string.sub(lock, 1, #ARGV[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
        return 0
        """;

    /// <summary>
    /// KEYS ledger; ARGV id, time, milliseconds to keep, most to keep, and for each limit its count and since when. Adds the id if the last
    /// limit has room and one of the others, and gives for each whether it has. The time is the caller's and not Redis' own: a replica goes
    /// by the same clock when Redis is gone.
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

    /// <summary>KEYS ledger; ARGV id, time, milliseconds to keep, most to keep. Adds the id, and the oldest goes if that is one too many.</summary>
    public const string Keep = """
        redis.call('zadd', KEYS[1], ARGV[2], ARGV[1])
        redis.call('zremrangebyrank', KEYS[1], 0, -(ARGV[4] + 1))
        if redis.call('pttl', KEYS[1]) < tonumber(ARGV[3]) then redis.call('pexpire', KEYS[1], ARGV[3]) end
        return 1
        """;

    /// <summary>KEYS value; ARGV value. Removes a value that is still what it was.</summary>
    public const string RemoveSame = """
        if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
        return 0
        """;

    /// <summary>
    /// KEYS value, ledger; ARGV channel. Runs each command of the scripts above, and of the broker's own, on keys that are nobody's, and gives those that Redis
    /// refuses. What it sends round names no key.
    /// </summary>
    public const string Rights = """
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
