namespace TokenBroker.Tests.Authentication;

/// <summary>What must not be taken for a forgery.</summary>
public sealed class AcceptedTests(ForgeryFixture fixture) : IClassFixture<ForgeryFixture>
{
    private static readonly Dictionary<string, Func<ForgeryFixture, string>> Table = new(StringComparer.Ordinal)
    {
        ["a plain one"] = fixture => fixture.Issuer.Sign(),
        ["another issuer's, on a curve"] = fixture => fixture.Other.Sign(),
        ["RS256"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "RS256"),
        ["RS384"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "RS384"),
        ["RS512"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "RS512"),
        ["PS256"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "PS256"),
        ["PS384"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "PS384"),
        ["PS512"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "PS512"),
        ["ES256"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "ES256"),
        ["ES384"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "ES384"),
        ["ES512"] = fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), algorithm: "ES512"),
        ["exp within the skew"] = fixture => fixture.Issuer.Sign(new { exp = Forgery.Seconds(-30) }),
        ["exp with a fraction"] = fixture => fixture.Issuer.Sign(new { exp = Forgery.Seconds(600) + 0.5 }),
        ["exp after 2038"] = fixture => fixture.Issuer.Sign(new { exp = 4_000_000_000L }),
        ["nbf within the skew"] = fixture => fixture.Issuer.Sign(new { nbf = Forgery.Seconds(30) }),
        ["nbf and iat missing"] = fixture => fixture.Issuer.Sign(new { nbf = (long?)null, iat = (long?)null }),
        ["iat in the past"] = fixture => fixture.Issuer.Sign(new { iat = Forgery.Seconds(-86_400) }),
        ["aud in a list with others"] = fixture => fixture.Issuer.Sign(new { aud = new[] { "another-service", "token-broker" } }),
        ["kid missing"] = fixture => fixture.Issuer.Sign(header: new { kid = (string?)null }),
        ["typ missing"] = fixture => fixture.Issuer.Sign(header: new { typ = (string?)null }),
        ["typ of an access token"] = fixture => fixture.Issuer.Sign(header: new { typ = "at+jwt" }),
        ["typ of an access token as a media type"] = fixture => fixture.Issuer.Sign(header: new { typ = "application/at+jwt" }),
        ["typ of an access token in capitals"] = fixture => fixture.Issuer.Sign(header: new { typ = "AT+JWT" }),
        ["typ in lower case"] = fixture => fixture.Issuer.Sign(header: new { typ = "jwt" }),
        ["typ as a media type"] = fixture => fixture.Issuer.Sign(header: new { typ = "application/jwt" }),
        ["typ as a media type in capitals"] = fixture => fixture.Issuer.Sign(header: new { typ = "Application/JWT" }),
        ["typ that SPIFFE allows"] = fixture => fixture.Issuer.Sign(header: new { typ = "JOSE" }),
        ["one of almost 16 kB"] = fixture => fixture.Issuer.Sign(new { padding = new string('x', 11_600) }),
        ["a header that nobody knows"] = fixture => fixture.Issuer.Sign(header: new { unknown = true }),
        ["claims of every kind"] = fixture => fixture.Issuer.Sign(
            new { yes = true, number = 1.5, nested = new { list = new object[] { 1, "a", new { b = 2 } } }, text = "ÄÖ😀" }),
        ["a long one"] = fixture => fixture.Issuer.Sign(new { groups = Enumerable.Range(0, 500).Select(index => $"group-{index}") }),
    };

    public static TheoryData<string> Sound => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Sound))]
    public Task A_jwt_that_is_in_order_is_accepted(string what) => fixture.Broker.IsServedAsync(Table[what](fixture));
}
