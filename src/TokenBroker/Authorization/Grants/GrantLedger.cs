namespace TokenBroker.Authorization.Grants;

/// <summary>
/// The grants that this replica has made, by opaque keys. They are a part of all grants, so a caller without room here has none at all,
/// whatever Redis has forgotten.
/// </summary>
/// <param name="most">The most grants that are remembered. Beyond that, the keys without a grant for the longest time are dropped.</param>
internal sealed class GrantLedger(int most = GrantLedger.Most)
{
    /// <summary>The most grants that are remembered in all: some tens of megabytes.</summary>
    public const int Most = 200_000;

    /// <summary>
    /// The most grants that are remembered for one key. A policy looks at no more than the newest hundred; as many again are for requests
    /// in flight, which may return theirs.
    /// </summary>
    public const int MostOfOne = 2 * GrantLimit.Most;

    /// <summary>
    /// The slots for grants of requests in flight. When all are taken, every policy's count is full of young grants, and one more would
    /// only push out an older grant that a caller has kept. A request without a slot is counted once it keeps its grant.
    /// </summary>
    public static (int Count, TimeSpan Within) Slots { get; } = (GrantLimit.Most, GrantLimit.Shortest);

    /// <summary>How many grants were dropped early because there were too many.</summary>
    public long Dropped { get; private set; }

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Log>> logs = new(StringComparer.Ordinal);
    private readonly LinkedList<Log> byAge = new();
    private int grants;

    /// <summary>Adds a grant if one of the limits has room for it and there is a slot for it.</summary>
    /// <param name="key">The caller, operation and scope.</param>
    /// <param name="id">The grant's id.</param>
    /// <param name="now">The current time.</param>
    /// <param name="kept">How long it is remembered.</param>
    /// <param name="limits">Each has room while fewer than <c>Count</c> grants were made after <c>Since</c>.</param>
    /// <returns>Which limits have room.</returns>
    public IReadOnlyList<bool> Add(
        string key, Guid id, DateTimeOffset now, TimeSpan kept, IReadOnlyList<(int Count, DateTimeOffset Since)> limits)
    {
        lock (gate)
        {
            ForgetUntil(now);
            var times = logs.GetValueOrDefault(key)?.Value.Grants;
            bool[] room = [.. limits.Select(limit => times is null || times.Count(grant => grant.At > limit.Since) < limit.Count)];
            if (room.Contains(true) && (times is null || times.Count(grant => grant.At > now - Slots.Within) < Slots.Count))
                Add(key, id, now, now + kept);
            return room;
        }
    }

    /// <summary>Counts a grant that its request has kept, if there was no slot for it before.</summary>
    public void Keep(string key, Guid id, DateTimeOffset at, TimeSpan kept)
    {
        lock (gate)
        {
            if (logs.GetValueOrDefault(key)?.Value.Grants.Exists(grant => grant.Id == id) is not true)
                Add(key, id, at, at + kept);
        }
    }

    public void Remove(string key, Guid id)
    {
        lock (gate)
        {
            if (!logs.TryGetValue(key, out var node))
                return;
            grants -= node.Value.Grants.RemoveAll(grant => grant.Id == id);
            if (node.Value.Grants.Count == 0)
                Forget(node);
        }
    }

    private void Add(string key, Guid id, DateTimeOffset now, DateTimeOffset until)
    {
        if (logs.TryGetValue(key, out var node))
            byAge.Remove(node);
        else
            logs[key] = node = new LinkedListNode<Log>(new Log(key));

        byAge.AddLast(node);

        // A policy that counts for longer may have been removed, and may come back.
        node.Value.Until = until > node.Value.Until ? until : node.Value.Until;
        var grantsOfKey = node.Value.Grants;
        grantsOfKey.Insert(grantsOfKey.FindLastIndex(grant => grant.At <= now) + 1, (id, now));
        grants++;
        if (node.Value.Grants.Count > MostOfOne)
        {
            node.Value.Grants.RemoveAt(0);
            grants--;
        }

        while (grants > most && byAge.First is { } oldest)
        {
            Dropped += oldest.Value.Grants.Count;
            Forget(oldest);
        }
    }

    private void ForgetUntil(DateTimeOffset now)
    {
        while (byAge.First is { } oldest && oldest.Value.Until <= now)
            Forget(oldest);
    }

    private void Forget(LinkedListNode<Log> node)
    {
        grants -= node.Value.Grants.Count;
        byAge.Remove(node);
        logs.Remove(node.Value.Key);
    }

    private sealed class Log(string key)
    {
        public string Key { get; } = key;

        public List<(Guid Id, DateTimeOffset At)> Grants { get; } = [];

        public DateTimeOffset Until { get; set; }
    }
}

/// <summary>How often one caller may receive the same result under a policy.</summary>
/// <param name="Count">The most grants within that time.</param>
/// <param name="Within">How long each of them counts.</param>
internal sealed record GrantLimit(int Count, TimeSpan Within)
{
    /// <summary>The most grants that a policy can count.</summary>
    public const int Most = 100;

    /// <summary>The shortest time that a grant can count.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The longest. Grants are remembered for this long, and an operator's <c>24:00:00</c>, which .NET reads as 24 days, exceeds it.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(14);

    /// <summary>Compiles validated options.</summary>
    public static GrantLimit Compile(GrantOptions options) => new(options.Count!.Value, options.Within!.Value);
}
