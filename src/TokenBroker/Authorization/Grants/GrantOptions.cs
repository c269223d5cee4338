namespace TokenBroker.Authorization.Grants;

/// <summary>How often one caller is given the same by a policy: an image that boots once needs no second registration token.</summary>
public sealed class GrantOptions
{
    /// <summary>How many answers of 201 there are for a caller, a scope and an operation within <see cref="Within"/>, 1 to 100. Required.</summary>
    public int? Count { get; set; }

    /// <summary>
    /// How long a grant counts, such as <c>01:00:00</c>, one minute to 14 days, because it is remembered for that long. A day is
    /// <c>1.00:00:00</c>; what .NET makes of <c>24:00:00</c> is 24 days, and a fault here. Required.
    /// </summary>
    public TimeSpan? Within { get; set; }
}
