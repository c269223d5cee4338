namespace TokenBroker.Tests.Authentication;

/// <summary>What must not be taken for a forgery.</summary>
public sealed class AcceptedTests(ForgeryHall hall) : IClassFixture<ForgeryHall>
{
    private static readonly Dictionary<string, Func<ForgeryHall, string>> Table = new(StringComparer.Ordinal)
    {
        ["a plain one"] = hall => hall.Issuer.Sign(),
        ["another issuer's, on a curve"] = hall => hall.Other.Sign(),
        ["RS256"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "RS256"),
        ["RS384"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "RS384"),
        ["RS512"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "RS512"),
        ["PS256"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "PS256"),
        ["PS384"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "PS384"),
        ["PS512"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "PS512"),
        ["ES256"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "ES256"),
        ["ES384"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "ES384"),
        ["ES512"] = hall => hall.Hand.Sign(HandSigner.Payload(), algorithm: "ES512"),
        ["exp within the skew"] = hall => hall.Issuer.Sign(new { exp = Forgery.Seconds(-30) }),
        ["exp with a fraction"] = hall => hall.Issuer.Sign(new { exp = Forgery.Seconds(600) + 0.5 }),
        ["exp after 2038"] = hall => hall.Issuer.Sign(new { exp = 4_000_000_000L }),
        ["nbf within the skew"] = hall => hall.Issuer.Sign(new { nbf = Forgery.Seconds(30) }),
        ["nbf and iat missing"] = hall => hall.Issuer.Sign(new { nbf = (long?)null, iat = (long?)null }),
        ["iat in the past"] = hall => hall.Issuer.Sign(new { iat = Forgery.Seconds(-86_400) }),
        ["aud in a list with others"] = hall => hall.Issuer.Sign(new { aud = new[] { "another-service", "token-broker" } }),
        ["kid missing"] = hall => hall.Issuer.Sign(header: new { kid = (string?)null }),
        ["typ missing"] = hall => hall.Issuer.Sign(header: new { typ = (string?)null }),
        ["typ of an access token"] = hall => hall.Issuer.Sign(header: new { typ = "at+jwt" }),
        ["typ of an access token as a media type"] = hall => hall.Issuer.Sign(header: new { typ = "application/at+jwt" }),
        ["typ of an access token in capitals"] = hall => hall.Issuer.Sign(header: new { typ = "AT+JWT" }),
        ["typ in lower case"] = hall => hall.Issuer.Sign(header: new { typ = "jwt" }),
        ["typ as a media type"] = hall => hall.Issuer.Sign(header: new { typ = "application/jwt" }),
        ["typ as a media type in capitals"] = hall => hall.Issuer.Sign(header: new { typ = "Application/JWT" }),
        ["typ that SPIFFE allows"] = hall => hall.Issuer.Sign(header: new { typ = "JOSE" }),
        ["one of almost 16 kB"] = hall => hall.Issuer.Sign(new { padding = new string('x', 11_600) }),
        ["a header that nobody knows"] = hall => hall.Issuer.Sign(header: new { unknown = true }),
        ["claims of every kind"] = hall => hall.Issuer.Sign(new { yes = true, number = 1.5, nested = new { list = new object[] { 1, "a", new { b = 2 } } }, text = "ÄÖ😀" }),
        ["a long one"] = hall => hall.Issuer.Sign(new { groups = Enumerable.Range(0, 500).Select(index => $"group-{index}") }),
    };

    public static TheoryData<string> Sound => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Sound))]
    public Task A_jwt_that_is_in_order_is_accepted(string what) => hall.Broker.IsServedAsync(Table[what](hall));
}
