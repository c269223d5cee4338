using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// Hands out the slots for requests to GitHub. Owners take turns, so that one owner's thousand requests delay another owner's by one turn
/// only. Calls that mint tokens or delete go before calls that list or label, which never take the last quarter of the slots. Every fourth
/// turn still goes to the latter: a fleet that deletes without pause must not keep others from listing.
/// </summary>
internal sealed class RequestQueue
{
    // At a fifth of a second per response, a slot serves about 70 requests in the 15 seconds that a caller waits: requests far beyond fifty
    // would be queued only to time out.
    private const int MostYieldingPerSlot = 50;
    private const int MostOfOwnerPerSlot = 10;
    private const int TurnsBeforeYielding = 3;

    private static readonly Failure Full = new(FailureKinds.Overloaded, "Too many requests are waiting for GitHub.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private readonly Lock gate = new();
    private readonly OwnerQueue tokens = new(most: int.MaxValue, mostOfOwner: int.MaxValue);
    private readonly OwnerQueue yielding;
    private readonly int mostYielding;
    private int free;
    private int runningYielding;
    private int passedOver;

    public RequestQueue(int slots)
    {
        free = slots;
        mostYielding = slots == 1 ? 1 : slots - Math.Max(1, slots / 4);
        yielding = new OwnerQueue(MostYieldingPerSlot * slots, MostOfOwnerPerSlot * slots);
    }

    /// <summary>The number of requests that wait for a slot.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return tokens.Count + yielding.Count;
        }
    }

    /// <summary>
    /// Waits for a slot, which is held until it is disposed. Calls that do not yield are always queued: callers share them, and there are
    /// no more of them than requests in flight. Calls that yield fail with <see cref="FailureKinds.Overloaded"/> when too many wait.
    /// </summary>
    public async Task<IDisposable> EnterAsync(string owner, bool yields, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var request = new OwnerQueue.Request(owner, yields);
        lock (gate)
        {
            if (!(yields ? yielding : tokens).TryAdd(request))
                throw new FailureException(Full);
            HandOut();
        }

        await using var giveUp = cancellation.UnsafeRegister(GiveUp, request);
        await request.Turn;
        return new Slot(this, yields);

        void GiveUp(object? state, CancellationToken token)
        {
            lock (gate)
            {
                if (!request.IsQueued)
                    return;
                (yields ? yielding : tokens).Remove(request);
            }

            request.Cancel(token);
        }
    }

    private void Leave(bool yields)
    {
        lock (gate)
        {
            free++;
            if (yields)
                runningYielding--;
            HandOut();
        }
    }

    // Continuations run asynchronously, never under the lock.
    private void HandOut()
    {
        while (free > 0 && Next() is { } request)
        {
            free--;
            if (request.Yields)
                runningYielding++;
            request.Begin();
        }
    }

    private OwnerQueue.Request? Next()
    {
        if (yielding.Count == 0 || runningYielding >= mostYielding)
            return tokens.Take();
        if (tokens.Count > 0 && passedOver < TurnsBeforeYielding)
        {
            passedOver++;
            return tokens.Take();
        }

        passedOver = 0;
        return yielding.Take();
    }

    private sealed class Slot(RequestQueue queue, bool yields) : IDisposable
    {
        private int isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
                queue.Leave(yields);
        }
    }
}

/// <summary>Requests of one urgency, whose owners take turns. An owner is remembered only while one of its requests waits.</summary>
/// <param name="most">How many requests may wait.</param>
/// <param name="mostOfOwner">How many requests of one owner may wait.</param>
internal sealed class OwnerQueue(int most, int mostOfOwner)
{
    private readonly Dictionary<string, LinkedListNode<OwnerRequests>> owners = new(StringComparer.Ordinal);
    private readonly LinkedList<OwnerRequests> turns = new();

    public int Count { get; private set; }

    /// <summary>Adds a request behind its owner's others; false if the queue is full.</summary>
    public bool TryAdd(Request request)
    {
        var isKnown = owners.TryGetValue(request.Owner, out var requests);
        if (Count >= most || (isKnown && requests!.Value.Requests.Count >= mostOfOwner))
            return false;
        if (!isKnown)
            owners[request.Owner] = requests = turns.AddLast(new OwnerRequests(request.Owner));
        requests!.Value.Requests.AddLast(request.Node);
        Count++;
        return true;
    }

    /// <summary>Removes and returns the request whose turn it is; null if the queue is empty.</summary>
    public Request? Take()
    {
        if (turns.First is not { } requests)
            return null;
        var request = requests.Value.Requests.First!.Value;
        turns.RemoveFirst();
        turns.AddLast(requests);
        Remove(request);
        return request;
    }

    public void Remove(Request request)
    {
        var requests = owners[request.Owner];
        requests.Value.Requests.Remove(request.Node);
        Count--;
        if (requests.Value.Requests.Count > 0)
            return;
        owners.Remove(request.Owner);
        turns.Remove(requests);
    }

    /// <summary>A request to GitHub that waits for a slot. Everything but <see cref="Turn"/> is guarded by the queue's lock.</summary>
    internal sealed class Request
    {
        private readonly TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Request(string owner, bool yields) => (Owner, Yields, Node) = (owner, yields, new LinkedListNode<Request>(this));

        public string Owner { get; }

        public bool Yields { get; }

        public LinkedListNode<Request> Node { get; }

        public bool IsQueued => Node.List is not null;

        /// <summary>Completes when it is this request's turn.</summary>
        public Task Turn => turn.Task;

        public void Begin() => turn.TrySetResult();

        public void Cancel(CancellationToken cancellation) => turn.TrySetCanceled(cancellation);
    }

    private sealed record OwnerRequests(string Owner)
    {
        public LinkedList<Request> Requests { get; } = new();
    }
}
