using TokenBroker.Caching.Redis;
using TokenBroker.Failures;

namespace TokenBroker.Caching;

/// <summary>
/// What is known under one key, and the rules by which it is handed out, refreshed and minted again. Immutable: a mint replaces it.
/// Expiry goes by the wall clock and ages by the monotonic clock, so that a clock correction does not change a pause.
/// </summary>
internal sealed record SecretState
{
    /// <summary>A secret is not handed out in its last minute: it could expire on its way.</summary>
    public static readonly TimeSpan LastMinute = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PauseAfterShortMint = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PauseAfterUselessRefresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstPauseAfterFailure = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPauseAfterFailure = TimeSpan.FromSeconds(30);

    public static readonly SecretState Empty = new();

    public Secret? Secret { get; private init; }

    /// <summary>The timestamp of the last successful mint.</summary>
    public long MintedAt { get; private init; }

    private bool LengthenedNothing { get; init; }

    private Failure? Failure { get; init; }

    private long FailedAt { get; init; }

    private int Failures { get; init; }

    /// <summary>The secret, if it has that much life left.</summary>
    public Secret? Serve(TimeSpan wanted, TimeProvider clock)
    {
        if (Secret is null)
            return null;
        var left = Secret.ExpiresAt - clock.GetUtcNow();
        if (left >= wanted)
            return Secret;

        // A secret that was minted a moment ago is the best there is: another mint would return the same.
        return left > TimeSpan.Zero && clock.GetElapsedTime(MintedAt) < PauseAfterShortMint ? Secret : null;
    }

    /// <summary>The secret while it is valid, for when no longer one can be minted.</summary>
    public Secret? ServeWhileItLives(TimeProvider clock) =>
        Secret is not null && Secret.ExpiresAt - clock.GetUtcNow() >= LastMinute ? Secret : null;

    /// <summary>Whether the next request should start a refresh in the background.</summary>
    public bool IsDueForRefresh(TimeSpan window, TimeProvider clock) =>
        Secret is not null
        && Secret.ExpiresAt - clock.GetUtcNow() < window
        && clock.GetElapsedTime(MintedAt) >= (LengthenedNothing ? PauseAfterUselessRefresh : PauseAfterShortMint)
        && RecentFailure(clock) is null;

    /// <summary>The last mint's failure during the pause that follows it; its wait shrinks with time.</summary>
    public Failure? RecentFailure(TimeProvider clock)
    {
        if (Failure is null)
            return null;
        var age = clock.GetElapsedTime(FailedAt);
        if (age >= Pause)
            return null;
        return LastFailure! with
        {
            RetryAfter = LastFailure.RetryAfter - age,
            Remembered = Failure.Kind.Remembered is null ? null : Pause - age,
        };
    }

    /// <summary>The last mint's failure as it happened; a 503 says when to retry.</summary>
    public Failure? LastFailure =>
        Failure is { Kind.Status: StatusCodes.Status503ServiceUnavailable } && (Failure.RetryAfter ?? TimeSpan.Zero) < Pause
            ? Failure with { RetryAfter = Pause }
            : Failure;

    public SecretState AfterMint(Secret minted, TimeProvider clock)
    {
        var lengthened = Secret is null || minted.ExpiresAt > Secret.ExpiresAt;
        return new SecretState { Secret = lengthened ? minted : Secret, MintedAt = clock.GetTimestamp(), LengthenedNothing = !lengthened };
    }

    public SecretState AfterFailure(Failure failure, TimeProvider clock) => this with
    {
        Secret = failure.Kind.EndsCachedTokens ? null : Secret,
        Failure = failure,
        FailedAt = clock.GetTimestamp(),
        Failures = Failures + 1,
    };

    /// <summary>Takes over what another replica has stored: its secret if it expires later, and its failure.</summary>
    public SecretState After(SharedState shared, TimeProvider clock)
    {
        var state = this;
        if (shared.Secret is not null && (Secret is null || shared.Secret.ExpiresAt > Secret.ExpiresAt))
            state = new SecretState { Secret = shared.Secret, MintedAt = Before(shared.Age, clock) };
        return shared.Failure is null ? state : state with
        {
            Secret = shared.Failure.Kind.EndsCachedTokens ? null : state.Secret,
            Failure = shared.Failure,
            FailedAt = Before(shared.FailureAge, clock),
            Failures = shared.Failures,
        };
    }

    /// <summary>How many mints have failed in a row.</summary>
    public int FailureCount => Failures;

    public SecretState WithoutSecret() => this with { Secret = null };

    private static long Before(TimeSpan age, TimeProvider clock) =>
        clock.GetTimestamp() - (long)(age.TotalSeconds * clock.TimestampFrequency);

    /// <summary>How long the last failure is remembered.</summary>
    public TimeSpan Pause => Failure?.Remembered ?? Failure?.Kind.Remembered ?? TimeSpan.FromTicks(Math.Min(
        FirstPauseAfterFailure.Ticks << Math.Min(Failures - 1, 10),
        LongestPauseAfterFailure.Ticks));
}
