using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using StackExchange.Redis;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// One mint at a time for a key across replicas: whoever holds the lock in Redis mints, the rest wait for what it leaves there.
/// Redis is a help and never a condition: where it cannot help, everyone mints for itself.
/// </summary>
internal sealed partial class SharedMints
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly RedisSecrets secrets;
    private readonly TimeProvider clock;
    private readonly CacheMetrics metrics;
    private readonly ILogger<SharedMints> logger;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<RedisValue>> waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Task, byte> running = new();

    public SharedMints(RedisConnection connection, RedisSecrets secrets, TimeProvider clock, CacheMetrics metrics, ILogger<SharedMints> logger)
    {
        this.secrets = secrets;
        this.clock = clock;
        this.metrics = metrics;
        this.logger = logger;
        connection.Finished = WakeUp;
        connection.CameBack = AskForSecrets;
        connection.FirstContact = WarmUpAsync;
    }

    /// <summary>Called when Redis is back and wants the secrets that were made meanwhile.</summary>
    public Func<Task>? SecretsWanted { get; set; }

    /// <summary>
    /// Waits until it is this replica's turn to mint for a key, or until what another has left is enough.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="isEnough">Takes what is there, and says whether that spares the mint.</param>
    /// <param name="cancellation">The mint's deadline.</param>
    /// <returns>The turn, which must be ended; null if there is nothing to mint any more.</returns>
    public async Task<SharedTurn?> EnterAsync(string key, Predicate<SharedState> isEnough, CancellationToken cancellation)
    {
        var names = secrets.NamesOf(key);
        var owner = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var started = clock.GetTimestamp();
        using var span = Instrumentation.StartSpan("redis turn");
        try
        {
            var turn = await TakeTurnAsync(names, owner, isEnough, cancellation);
            Waited(span, turn is null ? "spared" : "turn", started);
            return turn;
        }
        catch (RedisUnavailableException)
        {
            Waited(span, "unavailable", started);
            return new SharedTurn(this, names, owner, started);
        }
        catch (OperationCanceledException)
        {
            // The lock may be ours all the same, and the others would wait for nobody.
            Leave(names, owner);
            throw;
        }
        finally
        {
            // Whatever ended it: nobody here waits for the name any more, and names are many.
            waiting.TryRemove(names.Name, out _);
        }
    }

    /// <summary>Leaves a secret for the other replicas, without a lock.</summary>
    public Task PublishAsync(string key, Secret secret, TimeSpan age) => secrets.PublishAsync(secrets.NamesOf(key), owner: "", secret, age);

    /// <summary>Takes a secret away that GitHub has ended.</summary>
    public void Remove(string key) => Run(() => secrets.RemoveAsync(secrets.NamesOf(key)));

    /// <summary>Waits for what is still being written.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(running.Keys);

    /// <summary>How many keys are waited for at present.</summary>
    internal int Waiting => waiting.Count;

    internal RedisSecrets Secrets => secrets;

    internal TimeProvider Clock => clock;

    /// <summary>Does something in Redis that nobody waits for. What fails is only not shared.</summary>
    internal void Run(Func<Task> work)
    {
        var task = ShareAsync(work);
        running.TryAdd(task, 0);
        _ = task.ContinueWith(ended => running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task ShareAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (RedisUnavailableException)
        {
            // Told by the connection.
        }
        catch (Exception exception)
        {
            Log.NotShared(logger, exception);
        }
    }

    private void Waited(Activity? span, string outcome, long started)
    {
        metrics.WaitedForTurn(outcome, clock.GetElapsedTime(started));
        span?.SetTag("outcome", outcome);
    }

    private async Task<SharedTurn?> TakeTurnAsync(RedisNames names, string owner, Predicate<SharedState> isEnough, CancellationToken cancellation)
    {
        var stamp = SharedTurn.Stamp(owner, 0);
        var (budget, insists) = (new RedisBudget(clock), false);
        (string? Lock, long Since) seen = default;
        string? notTakenOver = null;
        while (true)
        {
            // Wanted before the look, so that what ends in between is not missed.
            var finished = waiting.GetOrAdd(names.Name, _ => new TaskCompletionSource<RedisValue>(TaskCreationOptions.RunContinuationsAsynchronously));
            var asked = clock.GetTimestamp();
            var entry = await secrets.EnterAsync(names, stamp, insists, budget, cancellation);
            if (entry.IsTaken)
            {
                if (isEnough(entry.State))
                {
                    Leave(names, owner);
                    return null;
                }

                if (clock.GetElapsedTime(asked) < RedisSecrets.Lease)
                    return new SharedTurn(this, names, owner, asked);

                // In a boot storm the word can come so late that another has the lock by now.
                if (await TakeOverAsync(names, owner, stamp, cancellation) is { } late)
                    return late;
                continue;
            }

            if (isEnough(entry.State))
                return null;

            // What is there is too little, and nobody is at work: that is for whoever says so first.
            var isUnclaimed = entry.Lock is null && !insists;
            insists = true;
            if (isUnclaimed)
                continue;
            if (entry.Lock != seen.Lock)
                seen = (entry.Lock, clock.GetTimestamp());

            // It was not what it had been when it was to be taken over, so it cannot be that now.
            if (entry.Lock is not null && entry.Lock == notTakenOver)
                throw new RedisUnavailableException("Redis contradicts itself.");
            var isDead = !entry.LockExpires || clock.GetElapsedTime(seen.Since) > RedisSecrets.Lease;
            if (isDead && entry.Lock is not null)
            {
                if (await TakeOverAsync(names, owner, entry.Lock, cancellation) is { } turn)
                    return turn;
                notTakenOver = entry.Lock;
            }

            var minted = await WaitAsync(finished.Task, cancellation);

            // Waiting for another's mint is not waiting for Redis, unless it has fallen silent meanwhile.
            budget = new RedisBudget(clock, hasWaited: minted.IsNull);
            if (!minted.IsNull && isEnough(await secrets.OpenAsync(names, minted, budget, cancellation)))
                return null;
        }
    }

    private async Task<SharedTurn?> TakeOverAsync(RedisNames names, string owner, string former, CancellationToken cancellation)
    {
        var asked = clock.GetTimestamp();
        return await secrets.TakeOverAsync(names, former, SharedTurn.Stamp(owner, 0), cancellation) ? new SharedTurn(this, names, owner, asked) : null;
    }

    private void Leave(RedisNames names, string owner) => Run(() => secrets.LeaveAsync(names, owner));

    // What a mint does here, done once: code that runs for the first time in the middle of a boot storm takes longer than Redis may.
    private async Task WarmUpAsync()
    {
        try
        {
            var names = secrets.WarmUpNames();
            for (var times = 0; times < 3; times++)
            {
                await secrets.EnterAsync(names, SharedTurn.Stamp("warm-up", 0), insists: true, new RedisBudget(clock), CancellationToken.None);
                await secrets.PublishAsync(names, "warm-up", new Secret("", clock.GetUtcNow() + SecretState.LastMinute + TimeSpan.FromSeconds(1)), TimeSpan.Zero);
                await secrets.EnterAsync(names, SharedTurn.Stamp("warm-up", 0), insists: false, new RedisBudget(clock), CancellationToken.None);
            }
        }
        catch (RedisUnavailableException)
        {
            // Then there is nothing to warm up for.
        }
    }

    private async Task<RedisValue> WaitAsync(Task<RedisValue> finished, CancellationToken cancellation)
    {
        try
        {
            return await finished.WaitAsync(PollInterval, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // A message can be lost; looking again finds out.
            return RedisValue.Null;
        }
    }

    private void WakeUp(MintMessage message)
    {
        if (waiting.TryRemove(message.Name, out var finished))
            finished.TrySetResult(message.Value);
    }

    private void AskForSecrets()
    {
        if (SecretsWanted is { } wanted)
            Run(wanted);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Something could not be shared through Redis")]
        public static partial void NotShared(ILogger logger, Exception exception);
    }
}
