using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.Testing;

/// <summary>A cache on a clock that stands still, and a mint that counts.</summary>
internal sealed class CacheFixture : IAsyncDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SecretCache cache;
    private int mints;

    public CacheFixture(int capacity = 1000) => cache = new SecretCache(
        "test",
        new SecretCacheLimits(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)) { Capacity = capacity },
        Clock,
        new CacheMetrics(services.GetRequiredService<IMeterFactory>()),
        NullLogger<SecretCache>.Instance);

    public IMeterFactory Meters => services.GetRequiredService<IMeterFactory>();

    public ManualClock Clock { get; } = new();

    public int Mints => mints;

    public int Count => cache.Count;

    /// <summary>How long a newly minted secret lives.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What a mint ends with in place of a secret.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Whether a mint asks GitHub, which whoever started it pays for.</summary>
    public bool AsksGitHub { get; set; } = true;

    /// <summary>What a mint waits for before it ends.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public static FailureException Failing(FailureKind kind, TimeSpan? retryAfter = null) =>
        new(new Failure(kind, "as the test wants") { RetryAfter = retryAfter });

    public Task<SecretAnswer> GetAsync(
        string key = "key",
        TimeSpan? wanted = null,
        TimeSpan? patience = null,
        StartPermit? permit = null,
        CancellationToken cancelled = default) =>
        cache.GetAsync(key, wanted, MintAsync, patience ?? TimeSpan.FromSeconds(15), cancelled, permit);

    /// <summary>Waits for what runs in the background.</summary>
    public Task WhenIdleAsync() => cache.WhenIdleAsync();

    public void Drop(string key) => cache.Drop(key);

    public async ValueTask DisposeAsync()
    {
        await cache.DisposeAsync();
        await services.DisposeAsync();
    }

    private async Task<Secret> MintAsync(CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref mints);
        if (AsksGitHub)
            StartPermit.Current?.Asked();
        await Gate.WaitAsync(cancellation);
        return Fault is null
            ? new Secret(number.ToString(CultureInfo.InvariantCulture), Clock.GetUtcNow() + Life)
            : throw Fault;
    }
}
