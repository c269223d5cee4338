using StackExchange.Redis;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// The connection to Redis. A loop probes it, because a half-open connection looks healthy for minutes, and replaces it when it fails.
/// Commands only use a connection that has just answered, and each has a deadline.
/// </summary>
/// <param name="address">Where Redis is.</param>
/// <param name="settings">How Redis is used.</param>
/// <param name="clock">The clock for deadlines and intervals.</param>
/// <param name="metrics">Counts failed commands.</param>
/// <param name="logger">Reports when Redis is lost and when it returns.</param>
/// <param name="warmUp">Runs once, after Redis has answered for the first time and before the broker is ready.</param>
internal sealed partial class RedisConnection(
    ContentSource<RedisAddress> address,
    RedisSettings settings,
    TimeProvider clock,
    CacheMetrics metrics,
    ILogger<RedisConnection> logger,
    Func<RedisConnection, Task>? warmUp = null) : BackgroundService
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(3);
    private const int ProbesBeforeReplacing = 2;

    // Scripts are small, and Redis forgets cached ones when it restarts.
    private const CommandFlags SendWholeScript = CommandFlags.NoScriptCache;

    private readonly RedisDeadline.Backlog backlog = new(clock, () => ThreadPool.PendingWorkItemCount);
    private readonly LastRefusal refusal = new(clock);
    private volatile Link? link;
    private volatile bool answers;
    private long lastAnswer;
    private volatile bool isTried;
    private volatile string? fault = "Redis is not connected yet";

    /// <summary>Another replica has finished a mint.</summary>
    public event EventHandler<MintMessage>? MintFinished;

    /// <summary>Redis works again after an outage, or for the first time.</summary>
    public event EventHandler? Recovered;

    /// <summary>What is wrong with Redis at present; null if nothing is.</summary>
    public string? Fault => fault ?? refusal.Fault;

    /// <summary>Whether the first attempt to connect is over, successful or not.</summary>
    public bool IsTried => isTried;

    /// <summary>
    /// Runs a command if Redis answered the last one, and returns its result within the deadline.
    /// Throws a <see cref="RedisUnavailableException"/> otherwise, whatever the reason.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command, RedisDeadline deadline, CancellationToken cancellation = default)
    {
        if (!answers || link is not { } current)
            throw Unavailable("down", "Redis does not answer.");
        var sent = clock.GetTimestamp();
        try
        {
            var result = await deadline.RunAsync(
                () => command(current.Multiplexer.GetDatabase()), backlog, () => IsSilentSince(sent), cancellation);
            RecordAnswer();
            return result;
        }
        catch (TimeoutException) when (!IsSilentSince(sent))
        {
            throw Unavailable("slow", "Redis answers too slowly for this request.");
        }
        catch (Exception exception) when (exception is TimeoutException or RedisConnectionException or ObjectDisposedException)
        {
            // Fail the others at once; the probe notices recovery. Errors from a replaced connection say nothing about this one.
            if (current == link)
                RecordLoss(exception);
            throw Unavailable("timeout", "Redis did not answer.");
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException)
        {
            RecordAnswer();
            if (refusal.Record(exception) is { } news)
                Log.Refused(logger, news);
            throw Unavailable("refused", "Redis refused.");
        }
    }

    /// <summary>Runs a script as <see cref="RunAsync"/> runs a command. A malformed reply counts as unavailable.</summary>
    public async Task<T> EvaluateAsync<T>(
        string script,
        RedisKey[] keys,
        RedisValue[] values,
        Func<RedisResult, T> read,
        RedisDeadline deadline,
        CancellationToken cancellation = default)
    {
        var reply = await RunAsync(redis => redis.ScriptEvaluateAsync(script, keys, values, SendWholeScript), deadline, cancellation);
        try
        {
            return read(reply);
        }
        catch (FormatException)
        {
            Log.MalformedReply(logger);
            throw Unavailable("strange", "Redis gave a malformed reply to a script.");
        }
    }

    public override void Dispose()
    {
        link?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failedProbes = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (link is null || failedProbes >= ProbesBeforeReplacing || link.Version != address.Current.Number)
                    await ReplaceLinkAsync(stoppingToken);

                // A master that became a replica still answers; the name or the sentinels may lead to a new master by now.
                failedProbes = await IsWritableAsync(stoppingToken) ? 0 : failedProbes + 1;
                if (!isTried && warmUp is not null)
                    await warmUp(this).WaitAsync(ConnectDeadline, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failedProbes++;
                RecordLoss(exception);
            }

            isTried = true;
            await Task.Delay(ProbeInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A write shows what a ping does not: a read-only replica, or a full memory.
    private async Task<bool> IsWritableAsync(CancellationToken stopping)
    {
        try
        {
            var redis = link!.Multiplexer.GetDatabase();
            await new RedisDeadline(clock).RunAsync(
                () => redis.StringSetAsync(settings.KeyPrefix + "probe", 1, ProbeInterval * 10), backlog, isSilent: null, stopping);
            RecordProbe(faultNow: null);
            return true;
        }
        catch (RedisServerException exception)
        {
            var code = RedisRefusal.ReadCode(exception);
            RecordProbe("Redis rejects writes: " + code);
            return code != RedisRefusal.ReadOnly;
        }
    }

    private async Task ReplaceLinkAsync(CancellationToken stopping)
    {
        var version = address.Current;
        var multiplexer = await RedisConnector.ConnectAsync(
            version.Value, settings.CaCertificatePath, ConnectDeadline, clock, stopping);
        var former = link;
        link = new Link(multiplexer, version.Number);

        // Closing sends a goodbye and waits for it, even if the server is gone.
        if (former is not null)
            _ = Task.Run(former.Dispose, CancellationToken.None);
        await multiplexer.GetSubscriber()
            .SubscribeAsync(RedisNames.Channel(settings.KeyPrefix), (_, message) => MintFinished?.Invoke(this, MintMessage.Parse(message)))
            .WaitAsync(ConnectDeadline, clock, stopping);
    }

    // A late answer says little about Redis while other commands get theirs.
    private bool IsSilentSince(long sent) =>
        clock.GetElapsedTime(Math.Max(sent, Interlocked.Read(ref lastAnswer))) >= RedisDeadline.Silence;

    private RedisUnavailableException Unavailable(string reason, string message)
    {
        metrics.RedisFailed(reason);
        return new RedisUnavailableException(message);
    }

    private void RecordAnswer() => Interlocked.Exchange(ref lastAnswer, clock.GetTimestamp());

    private void RecordProbe(string? faultNow)
    {
        RecordAnswer();
        var wasLost = !answers;
        answers = true;
        if (wasLost || fault != faultNow)
        {
            if (faultNow is null)
                Log.Answers(logger);
            else
                Log.Refused(logger, faultNow);
        }

        var isRecovery = fault is not null && faultNow is null;
        fault = faultNow;
        if (isRecovery)
            Recovered?.Invoke(this, EventArgs.Empty);
    }

    private void RecordLoss(Exception exception)
    {
        var faultNow = RedisConnector.IsAuthenticationFailure(exception)
            ? "Redis rejects the broker's credentials: the password or user is wrong"
            : "Redis does not answer";
        if (!isTried || fault != faultNow)
            Log.Lost(logger, faultNow, exception.GetType().Name);
        answers = false;
        fault = faultNow;
    }

    private sealed record Link(ConnectionMultiplexer Multiplexer, int Version) : IDisposable
    {
        public void Dispose() => Multiplexer.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Redis answers")]
        public static partial void Answers(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "{Fault} ({Kind}); tokens are shared in memory only, and each replica counts grants by itself")]
        public static partial void Lost(ILogger logger, string fault, string kind);

        [LoggerMessage(3, LogLevel.Warning, "{Refusal}; run the doctor command for details")]
        public static partial void Refused(ILogger logger, string refusal);

        [LoggerMessage(
            4,
            LogLevel.Warning,
            "Redis gave a malformed reply to a script; tokens are shared in memory only. "
            + "Check the address: it is not Redis, or a proxy changes the replies")]
        public static partial void MalformedReply(ILogger logger);
    }
}

/// <summary>Redis cannot help just now; the caller goes on without it.</summary>
internal sealed class RedisUnavailableException(string message) : Exception(message);
