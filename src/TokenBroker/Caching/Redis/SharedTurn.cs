using System.Globalization;
using TokenBroker.Failures;

namespace TokenBroker.Caching.Redis;

/// <summary>A replica's turn to mint for a key. While it lasts, its lock is renewed; it ends by what it leaves.</summary>
internal sealed class SharedTurn
{
    private static readonly TimeSpan RenewalInterval = RedisSecrets.Lease / 5;

    private readonly SharedMints mints;
    private readonly RedisNames names;
    private readonly string owner;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A turn that begins.</summary>
    /// <param name="mints">Where it ends.</param>
    /// <param name="names">What it is for.</param>
    /// <param name="owner">Who has it.</param>
    /// <param name="asked">When its lock was asked for. Without an answer there may be one all the same.</param>
    public SharedTurn(SharedMints mints, RedisNames names, string owner, long asked)
    {
        this.mints = mints;
        this.names = names;
        this.owner = owner;
        mints.Run(() => RenewAsync(asked));
    }

    /// <summary>What a lock says: whose it is, and how often it was renewed. One that does not change is nobody's.</summary>
    public static string Stamp(string owner, int renewals) => string.Create(CultureInfo.InvariantCulture, $"{owner}:{renewals}");

    /// <summary>Ends the turn with a secret.</summary>
    public void Publish(Secret secret) => End(() => mints.Secrets.PublishAsync(names, owner, secret, TimeSpan.Zero));

    /// <summary>Ends the turn with a failure.</summary>
    public void Publish(Failure failure, TimeSpan remembered, int failures) =>
        End(() => mints.Secrets.PublishAsync(names, owner, failure, remembered, failures));

    private void End(Func<Task> last)
    {
        ended.TrySetResult();
        mints.Run(last);
    }

    private async Task RenewAsync(long asked)
    {
        for (var renewals = 1; ; renewals++)
        {
            // In a boot storm the word that the lock is ours can take seconds, and the lease runs.
            var age = mints.Clock.GetElapsedTime(asked);
            if (age < RenewalInterval)
                await ended.Task.WaitAsync(RenewalInterval - age, mints.Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.Task.IsCompleted)
                return;
            asked = mints.Clock.GetTimestamp();
            await TryRenewAsync(renewals);
        }
    }

    private async Task TryRenewAsync(int renewals)
    {
        try
        {
            await mints.Secrets.RenewAsync(names, owner, Stamp(owner, renewals));
        }
        catch (RedisUnavailableException)
        {
            // The lease is longer than one renewal.
        }
    }
}
