namespace TokenBroker.Authorization;

/// <summary>A claim that tells when something began, and how long ago that may be.</summary>
public sealed class ClaimAgeOptions
{
    /// <summary>Where the time stands: a JSON Pointer (RFC 6901), or the plain name of a top-level claim. Seconds since 1970, or a date and time as in RFC 3339. Required.</summary>
    public string? Claim { get; set; }

    /// <summary>The oldest that it may be, such as <c>00:15:00</c>. Required, more than zero.</summary>
    public TimeSpan Age { get; set; }
}
