using System.Text;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>What goes round among replicas when a mint has ended.</summary>
/// <param name="Name">The key's name in Redis.</param>
/// <param name="Value">What was minted, encrypted as it lies there; null where it failed.</param>
internal sealed record MintMessage(string Name, RedisValue Value)
{
    private const byte Separator = (byte)'\n';

    public static MintMessage Parse(RedisValue message)
    {
        byte[] bytes = message!;
        var end = Array.IndexOf(bytes, Separator);
        return end < 0
            ? new MintMessage(Encoding.UTF8.GetString(bytes), RedisValue.Null)
            : new MintMessage(Encoding.UTF8.GetString(bytes, 0, end), bytes[(end + 1)..]);
    }
}
