namespace TokenBroker.Authorization.Grants;

/// <summary>
/// The grants that this replica has made, by opaque keys. They are some of all that were made, so who has no room here has none at all,
/// whatever Redis has forgotten.
/// </summary>
/// <param name="most">The most grants that are remembered. Beyond that, the keys go that had none for longest.</param>
internal sealed class GrantLedger(int most = GrantLedger.Most)
{
    /// <summary>Grants that are remembered in all: some tens of megabytes.</summary>
    public const int Most = 200_000;

    /// <summary>
    /// Grants that are remembered of one key. A policy asks whether the newest hundred are young, so more tell nothing; as many again are
    /// for requests that are not answered yet, and may give theirs back.
    /// </summary>
    public const int MostOfOne = 2 * GrantLimit.Most;

    /// <summary>
    /// What a request must find room in for its grant to be counted while it runs: so many young ones fill any policy's count, and one more
    /// would only push out an older one that a caller has kept. A request that finds none is counted once it keeps its grant.
    /// </summary>
    public static (int Count, TimeSpan Within) Places { get; } = (GrantLimit.Most, GrantLimit.Shortest);

    /// <summary>Grants that were forgotten before their time because there were too many.</summary>
    public long Dropped { get; private set; }

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Log>> logs = new(StringComparer.Ordinal);
    private readonly LinkedList<Log> byAge = new();
    private int grants;

    /// <summary>Adds a grant if one of the limits has room for it, and there is a place for it.</summary>
    /// <param name="key">Whose grants.</param>
    /// <param name="id">The grant.</param>
    /// <param name="now">The time.</param>
    /// <param name="kept">How long it is remembered.</param>
    /// <param name="limits">A limit has room while fewer than so many grants are younger than that.</param>
    /// <returns>Which limits have room.</returns>
    public IReadOnlyList<bool> Add(string key, Guid id, DateTimeOffset now, TimeSpan kept, IReadOnlyList<(int Count, DateTimeOffset Since)> limits)
    {
        lock (gate)
        {
            ForgetUntil(now);
            var times = logs.GetValueOrDefault(key)?.Value.Grants;
            bool[] room = [.. limits.Select(limit => times is null || times.Count(grant => grant.At > limit.Since) < limit.Count)];
            if (room.Contains(true) && (times is null || times.Count(grant => grant.At > now - Places.Within) < Places.Count))
                Add(key, id, now, now + kept);
            return room;
        }
    }

    /// <summary>Counts a grant that its request has kept, if it found no place before.</summary>
    public void Keep(string key, Guid id, DateTimeOffset at, TimeSpan kept)
    {
        lock (gate)
        {
            if (logs.GetValueOrDefault(key)?.Value.Grants.Exists(grant => grant.Id == id) is not true)
                Add(key, id, at, at + kept);
        }
    }

    /// <summary>Takes a grant back.</summary>
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

        // A policy that counts longer may have gone, and may come back.
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

/// <summary>How often a policy gives one caller the same.</summary>
/// <param name="Count">How many grants, at most.</param>
/// <param name="Within">How long each of them counts.</param>
public sealed record GrantLimit(int Count, TimeSpan Within)
{
    /// <summary>The most grants that a policy can count.</summary>
    public const int Most = 100;

    /// <summary>The shortest time that a grant can count.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    /// <summary>The longest: for so long it is kept, and an operator's 24:00:00, which is 24 days to .NET, is beyond it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(14);

    /// <summary>Compiles validated options.</summary>
    public static GrantLimit Compile(GrantOptions options) => new(options.Count!.Value, options.Within!.Value);
}
