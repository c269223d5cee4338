using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Authentication;

namespace TokenBroker.Commands;

/// <summary>The times of a JWT, in words.</summary>
internal static class TokenTimes
{
    /// <summary>The claim's time; null where it is missing or none.</summary>
    public static DateTimeOffset? Of(JsonElement claims, string claim)
    {
        try
        {
            return TokenLifetime.TimeOf(claims, claim);
        }
        catch (SecurityTokenInvalidLifetimeException)
        {
            return null;
        }
    }

    /// <summary>When, and how far from now.</summary>
    public static string Describe(DateTimeOffset time, DateTimeOffset now) => string.Create(
        CultureInfo.InvariantCulture, $"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC ({(time < now ? $"{Describe(now - time)} ago" : $"in {Describe(time - now)}")})");

    private static string Describe(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} seconds"),
    };
}
