namespace TokenBroker.Tests.Authentication;

/// <summary>JWTs that their issuer has signed, for somebody else, for another time or in another name.</summary>
public sealed class ClaimForgeryTests(ForgeryFixture fixture) : IClassFixture<ForgeryFixture>
{
    private static readonly Forgery[] Table =
    [
        new("iss of nobody", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = "https://another-issuer.example" })),
        new("iss missing", AuthenticationAssertions.UnknownIssuer, fixture => fixture.Issuer.Sign(new { iss = (string?)null })),
        new("iss empty", AuthenticationAssertions.UnknownIssuer, fixture => fixture.Issuer.Sign(new { iss = "" })),
        new("iss with a slash more", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = fixture.Issuer.Issuer + "/" })),
        new("iss with a space more", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = fixture.Issuer.Issuer + " " })),
        new("iss in other case", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = fixture.Issuer.Issuer.ToUpperInvariant() })),
        new("iss of which the issuer's is a prefix", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = fixture.Issuer.Issuer + "/realms/other" })),
        new("iss in a list", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = new[] { fixture.Issuer.Issuer } })),
        new("iss in a list of two", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = new[] { fixture.Issuer.Issuer, "https://another-issuer.example" } })),
        new("iss a number", AuthenticationAssertions.UnknownIssuer, fixture => fixture.Issuer.Sign(new { iss = 1 })),
        new("iss an object", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.Issuer.Sign(new { iss = new { a = fixture.Issuer.Issuer } })),
        new("aud of another service", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = "another-service" })),
        new("aud in other case", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = "Token-Broker" })),
        new("aud with a slash more", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = "token-broker/" })),
        new("aud with a space more", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = "token-broker " })),
        new("aud a prefix of the broker's", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = "token" })),
        new("aud that the broker's is a prefix of", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = "token-broker-staging" })),
        new("aud that lists the broker's in one text", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = "token-broker,other" })),
        new("aud a list of others", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = new[] { "a", "b" } })),
        new("aud missing", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = (string?)null })),
        new("aud empty", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = "" })),
        new("aud an empty list", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = Array.Empty<string>() })),
        new("aud a number", AuthenticationAssertions.WrongAudience, fixture => fixture.Issuer.Sign(new { aud = 1 })),
        new("aud an object", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = new { a = "token-broker" } })),
        new("aud in a list in a list", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = new[] { new[] { "token-broker" } } })),
        new("aud with a number in its list", AuthenticationAssertions.WrongAudience, fixture =>
            fixture.Issuer.Sign(new { aud = new object[] { "token-broker", 1 } })),
        new("exp past the skew", AuthenticationAssertions.Expired, fixture => fixture.Issuer.Sign(new { exp = Forgery.Seconds(-90) })),
        new("exp in 1970", AuthenticationAssertions.Expired, fixture => fixture.Issuer.Sign(new { exp = 1 })),
        new("exp negative", AuthenticationAssertions.Expired, fixture => fixture.Issuer.Sign(new { exp = -1 })),
        new("exp very negative", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = -1e18 })),
        new("exp missing", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = (long?)null })),
        new("exp as text", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { exp = Forgery.Seconds(600).ToString(System.Globalization.CultureInfo.InvariantCulture) })),
        new("exp a date", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = "2099-01-01T00:00:00Z" })),
        new("exp a boolean", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = true })),
        new("exp in a list", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { exp = new[] { Forgery.Seconds(600) } })),
        new("exp an object", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { exp = new { at = Forgery.Seconds(600) } })),
        new("exp in milliseconds", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { exp = Forgery.Seconds(600) * 1000 })),
        new("exp huge", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = 1e300 })),
        new("exp of a number too large for any", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload().Replace($"\"exp\":", "\"exp\":1e400,\"was\":", StringComparison.Ordinal))),
        new("exp in the past with a fraction", AuthenticationAssertions.Expired, fixture =>
            fixture.Issuer.Sign(new { exp = Forgery.Seconds(-90) + 0.5 })),
        new("exp as text with a fraction", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = "4000000000.5" })),
        new("exp as text, negative", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { exp = "-1" })),
        new("cnf of a key's thumbprint", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { cnf = new { jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } })),
        new("cnf of a certificate", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new Dictionary<string, object?>
        {
            ["cnf"] = new Dictionary<string, string> { ["x5t#S256"] = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0" },
        })),
        new("cnf of a key", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { cnf = new { jwk = fixture.Attacker.SigningKey.ToJwk() } })),
        new("cnf empty", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { cnf = new { } })),
        new("cnf a text", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { cnf = "none" })),
        new("cnf null", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"cnf\":null"))),
        new("nbf in the future", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = Forgery.Seconds(90) })),
        new("nbf after 2038", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = 4_000_000_000L })),
        new("nbf huge", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = 1e300 })),
        new("nbf as text", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = "4000000000" })),
        new("nbf as text in the past", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = "1" })),
        new("nbf in the future with a fraction", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { nbf = Forgery.Seconds(90) + 0.5 })),
        new("nbf of a number too large for any", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"nbf\":1e400"))),
        new("nbf of a number too small for any", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"nbf\":-1e400"))),
        new("nbf a date", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = "2099-01-01T00:00:00Z" })),
        new("nbf an object", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(new { nbf = new { at = 1 } })),
    ];

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public Task A_jwt_that_is_not_for_us_or_not_for_now_is_refused(string what) => Forgery.IsRefusedAsync(Table, what, fixture);
}
