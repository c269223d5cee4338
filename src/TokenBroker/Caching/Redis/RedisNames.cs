using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>The names in Redis of what belongs to one key. They are hashed, so that Redis does not show whose tokens it holds.</summary>
/// <param name="Name">What the names have in common. The part in braces keeps them on one node of a cluster.</param>
internal sealed record RedisNames(string Name)
{
    public RedisKey Value => Name + ":secret";

    public RedisKey Failure => Name + ":failure";

    public RedisKey Lock => Name + ":lock";

    /// <summary>What <see cref="RedisLedger"/> counts, under keys of its own.</summary>
    public RedisKey Ledger => Name + ":ledger";

    public RedisKey[] All => [Value, Failure, Lock];

    /// <summary>Where brokers with this prefix publish that a mint has finished.</summary>
    public static RedisChannel Channel(string prefix) => new(prefix + "done", RedisChannel.PatternMode.Literal);

    /// <summary>A pattern that matches every secret of brokers with this prefix.</summary>
    public static string SecretPattern(string prefix) => string.Concat(prefix.Select(Escape)) + "{*}:secret";

    /// <summary>Names that nothing else uses, and that <see cref="SecretPattern"/> does not match.</summary>
    public static RedisNames ForWarmUp(string prefix) =>
        new($"{prefix}warm-up:{{{RandomNumberGenerator.GetHexString(32, lowercase: true)}}}");

    public static RedisNames FromKey(string prefix, string key) =>
        new($"{prefix}{{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}}}");

    private static string Escape(char character) => character is '*' or '?' or '[' or ']' or '\\' ? "\\" + character : character.ToString();
}

/// <summary>What a replica publishes when its mint has finished.</summary>
/// <param name="name">The key's name in Redis.</param>
/// <param name="value">The new secret, encrypted as it is stored; null if the mint failed.</param>
internal sealed class MintMessage(string name, RedisValue value) : EventArgs
{
    private const byte Separator = (byte)'\n';

    public string Name => name;

    public RedisValue Value => value;

    public static MintMessage Parse(RedisValue message)
    {
        byte[] bytes = message!;
        var end = Array.IndexOf(bytes, Separator);
        return end < 0
            ? new MintMessage(Encoding.UTF8.GetString(bytes), RedisValue.Null)
            : new MintMessage(Encoding.UTF8.GetString(bytes, 0, end), bytes[(end + 1)..]);
    }
}
