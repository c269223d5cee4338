using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// Hands out the slots for requests to GitHub. Owners take turns, so that one owner's thousand requests cost another's no more than one
/// turn; what makes tokens goes before what looks and labels, of which a fourth of the slots is kept free. Every fourth turn is for those
/// all the same: a fleet that deletes without pause must not keep others from looking.
/// </summary>
internal sealed class RequestQueue
{
    // At a fifth of a second an answer, a slot serves about 70 requests in the 15 seconds that a caller waits: what is beyond fifty would be queued to time out.
    private const int MostYieldingASlot = 50;
    private const int MostOfOwnerASlot = 10;
    private const int TurnsBeforeYielding = 3;
    private static readonly TimeSpan WaitWhenFull = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly RequestLane tokens = new(most: int.MaxValue, mostOfOwner: int.MaxValue);
    private readonly RequestLane yielding;
    private readonly int mostYielding;
    private int free;
    private int runningYielding;
    private int passedOver;

    /// <summary>A queue for that many requests at once.</summary>
    public RequestQueue(int slots)
    {
        free = slots;
        mostYielding = slots == 1 ? 1 : slots - Math.Max(1, slots / 4);
        yielding = new RequestLane(MostYieldingASlot * slots, MostOfOwnerASlot * slots);
    }

    /// <summary>How many requests wait for a slot.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
                return tokens.Count + yielding.Count;
        }
    }

    /// <summary>
    /// Waits for a slot, which is held until it is disposed. What makes tokens always finds room: callers wait for it together, and there
    /// are no more of it than there are requests in flight. What yields is refused with <see cref="FailureKinds.Overloaded"/> when too many wait.
    /// </summary>
    public async Task<IDisposable> EnterAsync(string owner, bool yields, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var request = new RequestLane.Request(owner, yields);
        lock (gate)
        {
            if (!(yields ? yielding : tokens).TryAdd(request))
                throw new FailureException(new Failure(FailureKinds.Overloaded, "Too many requests wait for GitHub.") { RetryAfter = WaitWhenFull });
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

    // Continuations run elsewhere, never under the lock.
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

    private RequestLane.Request? Next()
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
