namespace TokenBroker.Sandbox.GitHub;

/// <summary>The ways in which this GitHub can be made to fail.</summary>
public static class SandboxFaultNames
{
    /// <summary>500 with GitHub's JSON.</summary>
    public const string ServerError = "server-error";

    /// <summary>A bare 502.</summary>
    public const string BadGateway = "bad-gateway";

    /// <summary>503, with <c>Retry-After</c> when seconds are given.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The connection is cut before an answer.</summary>
    public const string Reset = "reset";

    /// <summary>The connection is cut in the middle of the answer's body.</summary>
    public const string ResetMidway = "reset-midway";

    /// <summary>The connection is cut before an answer, but what was asked for is done: a runner was made or deleted.</summary>
    public const string ResetAfterEffect = "reset-after-effect";

    /// <summary>A bare 502, but what was asked for is done.</summary>
    public const string BadGatewayAfterEffect = "bad-gateway-after-effect";

    /// <summary>No answer until the fault is cleared or the client goes.</summary>
    public const string Hang = "hang";

    /// <summary>An answer after some seconds of this GitHub's clock.</summary>
    public const string Slow = "slow";

    /// <summary>A success whose body is a web page.</summary>
    public const string Html = "html";

    /// <summary>A success whose JSON ends too early.</summary>
    public const string TruncatedJson = "truncated-json";

    /// <summary>A runner endpoint's success in which every object has one member more, <c>from_the_future</c>, with others in it.</summary>
    public const string UnknownFields = "unknown-fields";

    /// <summary>201 without a token or a just-in-time configuration.</summary>
    public const string NoToken = "no-token";

    /// <summary>201 with an empty token or just-in-time configuration.</summary>
    public const string EmptyToken = "empty-token";

    /// <summary>201 with a token that expired some seconds ago.</summary>
    public const string ExpiredToken = "expired-token";

    /// <summary>201 with a token that expires in some seconds.</summary>
    public const string ShortToken = "short-token";

    /// <summary>403, the rate limit used up until some seconds from now.</summary>
    public const string PrimaryLimit = "primary-limit";

    /// <summary>The same with 429.</summary>
    public const string PrimaryLimit429 = "primary-limit-429";

    /// <summary>403 with nothing but the used-up rate limit's message.</summary>
    public const string PrimaryLimitMessage = "primary-limit-message";

    /// <summary>403 with <c>Retry-After</c> and the secondary limit's message.</summary>
    public const string SecondaryLimit = "secondary-limit";

    /// <summary>429 with <c>Retry-After</c> as a date.</summary>
    public const string SecondaryLimitDate = "secondary-limit-date";

    /// <summary>403 with nothing but the secondary limit's message.</summary>
    public const string SecondaryLimitMessage = "secondary-limit-message";

    /// <summary>422, as for a page that is too far away: a no to the request and not to the scope.</summary>
    public const string Unprocessable = "unprocessable";

    /// <summary>301 or 307 to another path.</summary>
    public const string Moved = "moved";

    /// <summary>404 when the installation is looked up.</summary>
    public const string NotInstalled = "not-installed";

    /// <summary>403, a permission is missing on a runner endpoint.</summary>
    public const string MissingPermission = "missing-permission";

    /// <summary>403, the installation is suspended, when an installation token is asked for.</summary>
    public const string Suspended = "suspended";

    /// <summary>403, the organization's IP allow list.</summary>
    public const string IpAllowList = "ip-allow-list";

    /// <summary>403, runners are disabled by policy.</summary>
    public const string RunnersDisabled = "runners-disabled";

    /// <summary>401 to every App JWT.</summary>
    public const string AppRefused = "app-refused";

    /// <summary>401 to the enterprise token.</summary>
    public const string EnterpriseTokenRefused = "enterprise-token-refused";

    /// <summary>401 to an installation token younger than some seconds.</summary>
    public const string ReplicationLag = "replication-lag";

    /// <summary>The same with 403.</summary>
    public const string ReplicationLag403 = "replication-lag-403";
}
