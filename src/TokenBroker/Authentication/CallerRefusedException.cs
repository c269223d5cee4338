using Microsoft.IdentityModel.Tokens;
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

    public static CallerRefusedException For(string reason, string? cause = null)
    {
        var detail = reason == Missing ? "A JWT is required: Authorization: Bearer JWT." : $"The JWT was refused: {reason}.";
        return new CallerRefusedException(reason, new Failure(FailureKinds.Unauthenticated, detail), cause);
    }

    /// <summary>The refusal that an exception of the authentication stands for.</summary>
    public static CallerRefusedException From(Exception? failure) => failure as CallerRefusedException ?? For(failure switch
    {
        null => Missing,
        SecurityTokenExpiredException => Expired,
        SecurityTokenInvalidAudienceException => WrongAudience,
        SecurityTokenInvalidIssuerException => UnknownIssuer,
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException => BadSignature,
        _ => NotValid,
    });

    /// <summary>What exactly is wrong, for the log.</summary>
    // Only our own checks throw the exceptions whose message is shown; the library's messages may hold parts of the JWT.
    public static string CauseOf(Exception? failure) => failure switch
    {
        CallerRefusedException { Cause: { } cause } => cause,
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException
            or SecurityTokenNotYetValidException or SecurityTokenInvalidIssuerException
            or SecurityTokenInvalidAudienceException => failure.Message,
        null => "there is none",
        _ => failure.GetType().Name,
    };
}
