using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>The names in Redis of what belongs to one key. They are hashed, so that Redis does not list whose tokens it holds.</summary>
/// <param name="Name">The part that the three share, in braces: a cluster keeps them together.</param>
internal sealed record RedisNames(string Name)
{
    public RedisKey Value => Name + ":secret";

    public RedisKey Failure => Name + ":failure";

    public RedisKey Lock => Name + ":lock";

    /// <summary>What <see cref="RedisLedger"/> counts; no other name goes with it.</summary>
    public RedisKey Ledger => Name + ":ledger";

    public RedisKey[] All => [Value, Failure, Lock];

    /// <summary>Where brokers with this prefix tell each other that a mint has ended.</summary>
    public static RedisChannel ChannelOf(string prefix) => new(prefix + "done", RedisChannel.PatternMode.Literal);

    /// <summary>What finds every secret of brokers with this prefix.</summary>
    public static string PatternOfValues(string prefix) =>
        string.Concat(prefix.Select(character => character is '*' or '?' or '[' or ']' or '\\' ? "\\" + character : character.ToString())) + "{*}:secret";

    /// <summary>Names that are nobody's, and that <see cref="PatternOfValues"/> does not find.</summary>
    public static RedisNames OfWarmUp(string prefix) => new($"{prefix}warm-up:{{{RandomNumberGenerator.GetHexString(32, lowercase: true)}}}");

    public static RedisNames Of(string prefix, string key) =>
        new($"{prefix}{{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}}}");
}
