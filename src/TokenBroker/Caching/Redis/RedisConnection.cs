using StackExchange.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// The connection to Redis. A loop probes it, because a half-open connection looks sound for minutes, and makes a new one where it fails;
/// requests only ever use one that has just answered, and each command has a deadline.
/// </summary>
internal sealed partial class RedisConnection(
    ContentSource<RedisAddress> address,
    RedisSettings settings,
    TimeProvider clock,
    CacheMetrics metrics,
    ILogger<RedisConnection> logger) : BackgroundService
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectDeadline = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RefusalLasts = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);
    private const int ProbesBeforeReplacing = 2;
    private const string NotLetIn = "Redis does not let the broker in: its password or user is wrong";

    // Scripts are small and Redis forgets them when it restarts.
    private const CommandFlags WholeScript = CommandFlags.NoScriptCache;

    private readonly RedisChannel channel = RedisNames.ChannelOf(settings.KeyPrefix);
    private readonly QueueWatch queue = new(clock);
    private volatile Link? link;
    private volatile bool answers;
    private long lastAnswer;
    private volatile bool isTried;
    private volatile string? fault = "Redis is not connected yet";
    private volatile Refusal? refusal;

    /// <summary>Called when another replica has finished a mint.</summary>
    public Action<MintMessage>? Finished { get; set; }

    /// <summary>Called when Redis answers again after it did not.</summary>
    public Action? CameBack { get; set; }

    /// <summary>Called once, when Redis has answered for the first time and before the broker is ready.</summary>
    public Func<Task>? FirstContact { get; set; }

    /// <summary>What is wrong with Redis at present; null if nothing is.</summary>
    public string? Fault => fault ?? (refusal is { Code: RedisRefusal.NotPermitted } last && clock.GetElapsedTime(last.At) < RefusalLasts ? Refused(last.Code) : null);

    /// <summary>Whether it was tried once, well or badly.</summary>
    public bool IsTried => isTried;

    /// <summary>
    /// Runs a command, if Redis answered the last time, and gives its result within the budget.
    /// Throws <see cref="RedisUnavailableException"/> otherwise, whatever the reason.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> command, RedisBudget budget, CancellationToken cancellation = default)
    {
        if (!answers || link is not { } current)
            throw Unavailable("down", "Redis does not answer.");
        var asked = clock.GetTimestamp();
        try
        {
            var result = await budget.SpendAsync(() => command(current.Multiplexer.GetDatabase()), queue, () => IsSilentSince(asked), cancellation);
            Answered();
            return result;
        }
        catch (TimeoutException) when (!IsSilentSince(asked))
        {
            throw Unavailable("slow", "Redis answers too slowly for this request.");
        }
        catch (Exception exception) when (exception is TimeoutException or RedisConnectionException or ObjectDisposedException)
        {
            // The rest need not find out one by one; the probe tells when it is over. What a former connection says is no news.
            if (current == link)
                Lost(exception);
            throw Unavailable("timeout", "Redis did not answer.");
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException)
        {
            Answered();
            TellRefusal(RedisRefusal.Of(exception));
            throw Unavailable("refused", "Redis refused.");
        }
    }

    /// <summary>Runs a script as <see cref="RunAsync"/> runs a command. An answer that cannot be read is a Redis that cannot help.</summary>
    public async Task<T> EvaluateAsync<T>(
        string script, RedisKey[] keys, RedisValue[] values, Func<RedisResult, T> read, RedisBudget budget, CancellationToken cancellation = default)
    {
        var answer = await RunAsync(redis => redis.ScriptEvaluateAsync(script, keys, values, WholeScript), budget, cancellation);
        try
        {
            return read(answer);
        }
        catch (FormatException)
        {
            Log.Strange(logger);
            throw Unavailable("strange", "Redis answers a script otherwise than it asks.");
        }
    }

    /// <summary>Tells the other replicas that a mint has ended.</summary>
    public RedisChannel Channel => channel;

    public override void Dispose()
    {
        link?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failed = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (link is null || failed >= ProbesBeforeReplacing || link.Version != address.Current.Number)
                    await ReplaceAsync(stoppingToken);

                // A master that became a replica answers on: another is found where the name or the sentinels lead now.
                failed = await IsWritableAsync(stoppingToken) ? 0 : failed + 1;
                if (!isTried && FirstContact is { } contact)
                    await contact().WaitAsync(ConnectDeadline, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failed++;
                Lost(exception);
            }

            isTried = true;
            await Task.Delay(ProbeInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Writing shows what a ping does not: a replica that takes no writes, a full memory.
    private async Task<bool> IsWritableAsync(CancellationToken stopping)
    {
        try
        {
            var redis = link!.Multiplexer.GetDatabase();
            await new RedisBudget(clock).SpendAsync(() => redis.StringSetAsync(settings.KeyPrefix + "probe", 1, ProbeInterval * 10), queue, isSilent: null, stopping);
            Found(faultNow: null);
            return true;
        }
        catch (RedisServerException exception)
        {
            var code = RedisRefusal.Of(exception);
            Found("Redis takes no writes: " + code);
            return code != RedisRefusal.ReadOnly;
        }
    }

    private async Task ReplaceAsync(CancellationToken stopping)
    {
        var version = address.Current;
        var multiplexer = await RedisConnector.ConnectAsync(version.Value, settings.CaCertificatePath, ConnectDeadline, clock, stopping);
        var former = link;
        link = new Link(multiplexer, version.Number);

        // It says goodbye to a server that may be gone, and waits for it.
        if (former is not null)
            _ = Task.Run(former.Dispose, CancellationToken.None);
        await multiplexer.GetSubscriber().SubscribeAsync(channel, (_, message) => Finished?.Invoke(MintMessage.Parse(message))).WaitAsync(ConnectDeadline, clock, stopping);
    }

    // An answer that is late says little about Redis while others have theirs.
    private bool IsSilentSince(long asked) => clock.GetElapsedTime(Math.Max(asked, Interlocked.Read(ref lastAnswer))) >= RedisBudget.Silence;

    private RedisUnavailableException Unavailable(string reason, string message)
    {
        metrics.RedisFailed(reason);
        return new RedisUnavailableException(message);
    }

    // The probe may do what a caller's script may not, and every caller would say so. A value that somebody spoilt is no fault of Redis'.
    private void TellRefusal(string code)
    {
        var now = clock.GetTimestamp();
        var told = refusal is { } last && last.Code == code && clock.GetElapsedTime(last.ToldAt, now) < BetweenWarnings ? last.ToldAt : now;
        refusal = new Refusal(code, now, told);
        if (told == now)
            Log.Refused(logger, Refused(code));
    }

    private static string Refused(string code) => "Redis refuses: " + code;

    private void Answered() => Interlocked.Exchange(ref lastAnswer, clock.GetTimestamp());

    private void Found(string? faultNow)
    {
        Answered();
        var wasLost = !answers;
        answers = true;
        if (wasLost || fault != faultNow)
        {
            if (faultNow is null)
                Log.Back(logger);
            else
                Log.Refused(logger, faultNow);
        }

        var isBack = fault is not null && faultNow is null;
        fault = faultNow;
        if (isBack)
            CameBack?.Invoke();
    }

    private void Lost(Exception exception)
    {
        var faultNow = exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } ? NotLetIn : "Redis does not answer";
        if (!isTried || fault != faultNow)
            Log.Lost(logger, faultNow, exception.GetType().Name);
        answers = false;
        fault = faultNow;
    }

    private sealed record Refusal(string Code, long At, long ToldAt);

    private sealed record Link(ConnectionMultiplexer Multiplexer, int Version) : IDisposable
    {
        public void Dispose() => Multiplexer.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Redis answers")]
        public static partial void Back(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "{Fault} ({Kind}); tokens are shared from memory alone, and each replica counts grants for itself")]
        public static partial void Lost(ILogger logger, string fault, string kind);

        [LoggerMessage(3, LogLevel.Warning, "{Refusal}; the command doctor says more")]
        public static partial void Refused(ILogger logger, string refusal);

        [LoggerMessage(4, LogLevel.Warning, "Redis answers a script otherwise than it asks; tokens are shared from memory alone. See what stands at its address: it is not Redis, or changes what Redis says")]
        public static partial void Strange(ILogger logger);
    }
}
