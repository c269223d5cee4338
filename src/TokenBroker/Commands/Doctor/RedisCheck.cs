using System.Globalization;
using TokenBroker.Caching.Redis;

namespace TokenBroker.Commands.Doctor;

/// <summary>Checks that the replicas can share tokens in Redis.</summary>
internal sealed class RedisCheck(RedisInspection redis) : DoctorCheck
{
    private const string Reachability = "and that a firewall or a NetworkPolicy allows connections from this machine.";
    private const string OtherKeys =
        "All replicas need the same TokenCache:EncryptionKeys; brokers that share nothing need a TokenCache:RedisKeyPrefix each. "
        + "To rotate a key, add the new one in second position everywhere before you move it to the first position anywhere.";

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(100);
    private static readonly Version Oldest = new(6, 2);

    public override string Subject => "Redis";

    public override async Task RunAsync(CheckResults results, CancellationToken cancellation)
    {
        if (!redis.IsConfigured)
        {
            results.Note(Subject, "not configured: each replica requests its own tokens");
            return;
        }

        var state = await redis.InspectAsync(cancellation);
        var servers = state.Servers + (state.IsEncrypted ? " (TLS)" : "");
        if (state.Fault == RedisFault.None)
            CheckHealth(results, state, servers);
        else if (state.Fault == RedisFault.NoMaster
            || (state.IsSentinel && state.Fault is (RedisFault.CredentialsRejected or RedisFault.Unreachable)))
            ReportSentinels(results, state.Fault, servers);
        else
            ReportServer(results, state, servers);
    }

    private void ReportSentinels(CheckResults results, RedisFault fault, string servers)
    {
        var (text, advice) = fault switch
        {
            RedisFault.NoMaster => (
                $"the sentinels {servers} report no usable master",
                "Compare serviceName= in ConnectionStrings:Redis with SENTINEL MASTERS there. During an election there may be no "
                    + "master for a few seconds."),
            RedisFault.CredentialsRejected => (
                $"the sentinels {servers} reject the broker's credentials",
                "Check sentinelPassword= in ConnectionStrings:Redis, and sentinelUser= if the sentinels have ACL users. "
                    + "Without them, the sentinels receive password= and user=."),
            _ => (
                $"none of the sentinels {servers} answers as a sentinel",
                $"Check ConnectionStrings:Redis, that ssl=true is set only if the sentinels use TLS too, {Reachability}"),
        };
        results.Fault(Subject, text, advice);
    }

    private void ReportServer(CheckResults results, RedisState state, string servers)
    {
        var (text, advice) = state.Fault switch
        {
            RedisFault.CredentialsRejected when state.IsEncrypted => (
                $"{servers} rejects the broker's credentials, or its certificate is not trusted",
                "Check password= in ConnectionStrings:Redis, and user= if Redis has ACL users. If a private authority signed the "
                    + "certificate, name that authority in TokenCache:RedisCaCertificatePath."),
            RedisFault.CredentialsRejected => (
                $"{servers} rejects the broker's credentials: the password is wrong or missing",
                "Check password= in ConnectionStrings:Redis, and user= if Redis has ACL users."),
            RedisFault.NoWrites when state.Refusal == RedisRefusal.NotPermitted => (
                $"the broker's user at {servers} lacks permissions ({string.Join(", ", [state.Refusal, .. state.RefusedCommands])})",
                "See docs/redis.md for the ACL rule that the broker needs. Its key and channel patterns begin with "
                    + "TokenCache:RedisKeyPrefix."),
            RedisFault.NoWrites => (
                $"{servers} does not keep what is written{(state.Refusal is { } code ? $" ({code})" : "")}",
                "It may be a read-only replica, or out of memory: name the primary, or configure more maxmemory or an eviction policy such "
                    + "as allkeys-lru."),
            RedisFault.MalformedReply => (
                $"{servers} gave a malformed reply to a script",
                "Check what listens at the address in ConnectionStrings:Redis: it may be a proxy or another program. "
                    + $"The broker needs Redis {Oldest} or later itself."),
            _ => (
                $"{servers} does not answer as Redis",
                $"Check ConnectionStrings:Redis, that ssl=true is set only if Redis uses TLS, {Reachability}"),
        };
        results.Fault(Subject, text, advice);
    }

    private void CheckHealth(CheckResults results, RedisState state, string servers)
    {
        var count = results.All.Count;
        if (state.Version is { } version && version < Oldest)
            results.Fault(Subject, $"{servers} is version {version}", $"The broker needs {Oldest} or later.");
        if (state.UnreadableTokens > 0)
        {
            var share = string.Create(
                CultureInfo.InvariantCulture,
                $"{state.UnreadableTokens} of the {state.Tokens} tokens inspected cannot be decrypted with this configuration's keys");
            if (state.UnreadableTokens == state.Tokens)
                results.Fault(Subject, share, OtherKeys);
            else
                results.Warn(Subject, share, OtherKeys);
        }

        if (state.RoundTrip > Slow)
        {
            results.Warn(
                Subject,
                string.Create(CultureInfo.InvariantCulture, $"{servers} took {state.RoundTrip.TotalMilliseconds:0} ms to answer"),
                "Move it closer to the broker: a request waits for Redis for half a second in total, then continues without it.");
        }

        if (results.All.Count == count)
        {
            var took = state.RoundTrip.TotalMilliseconds;
            results.Ok(Subject, string.Create(
                CultureInfo.InvariantCulture,
                $"{servers}, version {state.Version}, answers in {took:0.0} ms and returns what was encrypted"));
        }
    }
}
