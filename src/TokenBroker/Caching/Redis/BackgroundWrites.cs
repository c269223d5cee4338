using System.Collections.Concurrent;

namespace TokenBroker.Caching.Redis;

/// <summary>Writes to Redis that no request waits for. A write that fails is only not shared.</summary>
internal sealed partial class BackgroundWrites(ILogger<SharedMints> logger)
{
    private readonly ConcurrentDictionary<Task, byte> running = new();

    public void Start(Func<Task> write)
    {
        var task = RunAsync(write);
        running.TryAdd(task, 0);
        _ = task.ContinueWith(
            ended => running.TryRemove(ended, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    public Task WhenIdleAsync() => Task.WhenAll(running.Keys);

    private async Task RunAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (RedisUnavailableException)
        {
            // The connection has reported it.
        }
        catch (Exception exception)
        {
            Log.NotShared(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A write to Redis failed")]
        public static partial void NotShared(ILogger logger, Exception exception);
    }
}
