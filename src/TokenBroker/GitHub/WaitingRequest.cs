namespace TokenBroker.GitHub;

/// <summary>A request to GitHub that waits for a slot. All but <see cref="Turn"/> belongs to the queue's lock.</summary>
internal sealed class WaitingRequest
{
    private readonly TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingRequest(string owner, bool yields)
    {
        Owner = owner;
        Yields = yields;
        Place = new LinkedListNode<WaitingRequest>(this);
    }

    public string Owner { get; }

    public bool Yields { get; }

    /// <summary>Its place among its owner's.</summary>
    public LinkedListNode<WaitingRequest> Place { get; }

    public bool IsQueued => Place.List is not null;

    /// <summary>Ends when it is this request's turn.</summary>
    public Task Turn => turn.Task;

    public void Begin() => turn.TrySetResult();

    public void Cancel(CancellationToken cancellation) => turn.TrySetCanceled(cancellation);
}
