using System.Globalization;
using TokenBroker.Caching.Redis;

namespace TokenBroker.Commands.Doctor;

/// <summary>Whether the replicas can share their tokens.</summary>
internal sealed class RedisExamination(RedisInspection redis) : Examination
{
    private const string OtherKeys =
        "All replicas need the same TokenCache:EncryptionKeys; brokers that share nothing need a TokenCache:RedisKeyPrefix each. While a key is rotated, the new one is second everywhere before it is first anywhere.";

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(100);
    private static readonly Version Oldest = new(6, 2);

    public override string Subject => "Redis";

    public override async Task RunAsync(Findings findings, CancellationToken cancellation)
    {
        if (!redis.IsConfigured)
        {
            findings.Note(Subject, "none is configured: each replica makes its own tokens");
            return;
        }

        var state = await redis.InspectAsync(cancellation);
        var place = state.Servers + (state.IsEncrypted ? " by TLS" : "");
        switch (state.Fault)
        {
            case RedisFault.NoMaster:
                findings.Fault(Subject, $"the sentinels {place} name no master that can be used", "Check serviceName= in ConnectionStrings:Redis against SENTINEL MASTERS there; while they elect a master there may be none for some seconds.");
                break;
            case RedisFault.CredentialsRejected when state.IsSentinel:
                findings.Fault(Subject, $"the sentinels {place} do not let the broker in", "Check sentinelPassword= in ConnectionStrings:Redis, and sentinelUser= where they have ACL users; without them they are given password= and user=.");
                break;
            case RedisFault.Unreachable when state.IsSentinel:
                findings.Fault(Subject, $"none of the sentinels {place} answers as one", "Check ConnectionStrings:Redis, that ssl=true stands there only where the sentinels speak TLS too, and that a firewall or a NetworkPolicy lets this machine through.");
                break;
            case RedisFault.Unreachable:
                findings.Fault(Subject, $"{place} does not answer as Redis", "Check ConnectionStrings:Redis, that ssl=true stands there only where Redis speaks TLS, and that a firewall or a NetworkPolicy lets this machine through.");
                break;
            case RedisFault.CredentialsRejected:
                findings.Fault(
                    Subject,
                    $"{place} does not let the broker in: {(state.IsEncrypted ? "the password is wrong, or its certificate is not trusted" : "the password is wrong or missing")}",
                    "Check password= in ConnectionStrings:Redis, and user= where Redis has ACL users" + (state.IsEncrypted ? "; a private authority is named in TokenCache:RedisCaCertificatePath." : "."));
                break;
            case RedisFault.NoWrites when state.Refusal == RedisRefusal.NotPermitted:
                findings.Fault(Subject, $"{place} does not let the broker's user do what it must ({string.Join(", ", [state.Refusal, .. state.RefusedCommands])})", "The README's section on Redis has the ACL rule that the broker needs; its key and channel patterns begin with TokenCache:RedisKeyPrefix.");
                break;
            case RedisFault.NoWrites:
                findings.Fault(Subject, $"{place} does not keep what is written{(state.Refusal is { } word ? $" ({word})" : "")}", "It may be a read-only replica, or its memory is full: name the primary, or give it more maxmemory or an eviction policy such as allkeys-lru.");
                break;
            case RedisFault.MalformedReply:
                findings.Fault(Subject, $"{place} answers scripts otherwise than Redis does", "See what stands at the address of ConnectionStrings:Redis: a proxy may be in the way, or it is another program. The broker needs Redis 6.2 or later itself.");
                break;
            default:
                Tell(findings, state, place);
                break;
        }
    }

    private void Tell(Findings findings, RedisState state, string place)
    {
        var count = findings.All.Count;
        if (state.Version is { } version && version < Oldest)
            findings.Fault(Subject, $"{place} is version {version}", $"The broker needs {Oldest} or later.");
        if (state.UnreadableTokens > 0)
        {
            var share = string.Create(CultureInfo.InvariantCulture, $"{state.UnreadableTokens} of the {state.Tokens} tokens looked at cannot be decrypted by this configuration's keys");
            if (state.UnreadableTokens == state.Tokens)
                findings.Fault(Subject, share, OtherKeys);
            else
                findings.Warn(Subject, share, OtherKeys);
        }

        if (state.RoundTrip > Slow)
            findings.Warn(Subject, string.Create(CultureInfo.InvariantCulture, $"{place} took {state.RoundTrip.TotalMilliseconds:0} ms to answer"), "Put it nearer to the broker: a request waits half a second for Redis in all, and then goes on without it.");
        if (findings.All.Count == count)
            findings.Ok(Subject, string.Create(CultureInfo.InvariantCulture, $"{place}, version {state.Version}, answers in {state.RoundTrip.TotalMilliseconds:0.0} ms and gives back what was encrypted"));
    }
}
