using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Reads what scripts answer. Something else may stand at the address than the Redis that it should be, so each throws
/// <see cref="FormatException"/> for any other shape.
/// </summary>
internal static class ScriptAnswer
{
    /// <summary>Yes or no: 1 or 0.</summary>
    public static bool Flag(RedisResult answer) => Number(answer) switch
    {
        0 => false,
        1 => true,
        _ => throw Strange(),
    };

    /// <summary>A list of this length.</summary>
    public static RedisResult[] List(RedisResult answer, int length) =>
        answer.Resp2Type == ResultType.Array && !answer.IsNull && answer.Length == length ? (RedisResult[])answer! : throw Strange();

    /// <summary>A list of words, however many.</summary>
    public static IReadOnlyList<string> Words(RedisResult answer) =>
        answer.Resp2Type == ResultType.Array && !answer.IsNull ? [.. ((RedisResult[])answer!).Select(word => (string?)Value(word) ?? throw Strange())] : throw Strange();

    /// <summary>A whole number.</summary>
    public static long Number(RedisResult answer) =>
        answer.Resp2Type == ResultType.Integer && !answer.IsNull ? (long)answer : throw Strange();

    /// <summary>A value, or none.</summary>
    public static RedisValue Value(RedisResult answer) =>
        answer.IsNull ? RedisValue.Null : answer.Resp2Type == ResultType.BulkString ? (RedisValue)answer : throw Strange();

    /// <summary>What is thrown for an answer of another shape, and for one that contradicts itself.</summary>
    public static FormatException Strange() => new("Redis answers a script otherwise than it asks.");
}
