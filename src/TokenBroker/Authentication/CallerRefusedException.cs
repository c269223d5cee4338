using TokenBroker.Failures;

namespace TokenBroker.Authentication;

/// <summary>Why a caller is not authenticated, in the few words that a stranger may know.</summary>
internal sealed class CallerRefusedException(string reason, Failure failure, string? cause = null) : Exception(failure.Detail)
{
    public const string Expired = "expired";
    public const string WrongAudience = "wrong audience";
    public const string UnknownIssuer = "unknown issuer";
    public const string BadSignature = "bad signature";
    public const string NotValid = "not valid";
    public const string Missing = "missing";

    /// <summary>One of the words above, or the failure's kind.</summary>
    public string Reason { get; } = reason;

    public Failure Failure { get; } = failure;

    /// <summary>What exactly is wrong, for the log alone; null where the reason says it.</summary>
    public string? Cause { get; } = cause;

    public static CallerRefusedException For(string reason, string? cause = null) =>
        new(reason, new Failure(FailureKinds.Unauthenticated, reason == Missing ? "A JWT is required: Authorization: Bearer JWT." : $"The JWT was refused: {reason}."), cause);
}
