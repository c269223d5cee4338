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
    public bool TryAdd(Request request)
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
    public Request? Take()
    {
        if (turns.First is not { } line)
            return null;
        var request = line.Value.Requests.First!.Value;
        turns.RemoveFirst();
        turns.AddLast(line);
        Remove(request);
        return request;
    }

    public void Remove(Request request)
    {
        var line = owners[request.Owner];
        line.Value.Requests.Remove(request.Place);
        Count--;
        if (line.Value.Requests.Count > 0)
            return;
        owners.Remove(request.Owner);
        turns.Remove(line);
    }

    /// <summary>A request to GitHub that waits for a slot. All but <see cref="Turn"/> belongs to the queue's lock.</summary>
    internal sealed class Request
    {
        private readonly TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Request(string owner, bool yields) => (Owner, Yields, Place) = (owner, yields, new LinkedListNode<Request>(this));

        public string Owner { get; }

        public bool Yields { get; }

        /// <summary>Its place among its owner's.</summary>
        public LinkedListNode<Request> Place { get; }

        public bool IsQueued => Place.List is not null;

        /// <summary>Ends when it is this request's turn.</summary>
        public Task Turn => turn.Task;

        public void Begin() => turn.TrySetResult();

        public void Cancel(CancellationToken cancellation) => turn.TrySetCanceled(cancellation);
    }

    private sealed record Line(string Owner)
    {
        public LinkedList<Request> Requests { get; } = new();
    }
}
