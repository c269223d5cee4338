namespace TokenBroker.GitHub;

/// <summary>Requests of one urgency, whose owners take turns. An owner is known while a request of its own waits, and no longer.</summary>
/// <param name="most">How many may wait.</param>
/// <param name="mostOfOwner">How many of one owner.</param>
internal sealed class RequestLane(int most, int mostOfOwner)
{
    private readonly Dictionary<string, LinkedListNode<Line>> owners = new(StringComparer.Ordinal);
    private readonly LinkedList<Line> turns = new();

    public int Count { get; private set; }

    /// <summary>Puts a request at the end of its owner's; false if there is no room.</summary>
    public bool TryAdd(WaitingRequest request)
    {
        var isKnown = owners.TryGetValue(request.Owner, out var line);
        if (Count >= most || (isKnown && line!.Value.Requests.Count >= mostOfOwner))
            return false;
        if (!isKnown)
            owners[request.Owner] = line = turns.AddLast(new Line(request.Owner));
        line!.Value.Requests.AddLast(request.Place);
        Count++;
        return true;
    }

    /// <summary>Takes the request whose turn it is; null if none waits.</summary>
    public WaitingRequest? Take()
    {
        if (turns.First is not { } line)
            return null;
        var request = line.Value.Requests.First!.Value;
        turns.RemoveFirst();
        turns.AddLast(line);
        Remove(request);
        return request;
    }

    public void Remove(WaitingRequest request)
    {
        var line = owners[request.Owner];
        line.Value.Requests.Remove(request.Place);
        Count--;
        if (line.Value.Requests.Count > 0)
            return;
        owners.Remove(request.Owner);
        turns.Remove(line);
    }

    private sealed record Line(string Owner)
    {
        public LinkedList<WaitingRequest> Requests { get; } = new();
    }
}
