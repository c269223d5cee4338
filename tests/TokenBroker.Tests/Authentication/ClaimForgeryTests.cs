namespace TokenBroker.Tests.Authentication;

/// <summary>JWTs that their issuer has signed, for somebody else, for another time or in another name.</summary>
public sealed class ClaimForgeryTests(ForgeryHall hall) : IClassFixture<ForgeryHall>
{
    private static readonly Forgery[] Table =
    [
        new("iss of nobody", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = "https://another-issuer.example" })),
        new("iss missing", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = (string?)null })),
        new("iss empty", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = "" })),
        new("iss with a slash more", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = hall.Issuer.Issuer + "/" })),
        new("iss with a space more", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = hall.Issuer.Issuer + " " })),
        new("iss in other case", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = hall.Issuer.Issuer.ToUpperInvariant() })),
        new("iss of which the issuer's is a prefix", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = hall.Issuer.Issuer + "/realms/other" })),
        new("iss in a list", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = new[] { hall.Issuer.Issuer } })),
        new("iss in a list of two", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = new[] { hall.Issuer.Issuer, "https://another-issuer.example" } })),
        new("iss a number", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = 1 })),
        new("iss an object", Answers.UnknownIssuer, hall => hall.Issuer.Sign(new { iss = new { a = hall.Issuer.Issuer } })),
        new("aud of another service", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "another-service" })),
        new("aud in other case", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "Token-Broker" })),
        new("aud with a slash more", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "token-broker/" })),
        new("aud with a space more", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "token-broker " })),
        new("aud a prefix of the broker's", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "token" })),
        new("aud that the broker's is a prefix of", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "token-broker-staging" })),
        new("aud that lists the broker's in one text", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "token-broker,other" })),
        new("aud a list of others", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = new[] { "a", "b" } })),
        new("aud missing", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = (string?)null })),
        new("aud empty", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = "" })),
        new("aud an empty list", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = Array.Empty<string>() })),
        new("aud a number", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = 1 })),
        new("aud an object", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = new { a = "token-broker" } })),
        new("aud in a list in a list", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = new[] { new[] { "token-broker" } } })),
        new("aud with a number in its list", Answers.WrongAudience, hall => hall.Issuer.Sign(new { aud = new object[] { "token-broker", 1 } })),
        new("exp past the skew", Answers.Expired, hall => hall.Issuer.Sign(new { exp = Forgery.Seconds(-90) })),
        new("exp in 1970", Answers.Expired, hall => hall.Issuer.Sign(new { exp = 1 })),
        new("exp negative", Answers.Expired, hall => hall.Issuer.Sign(new { exp = -1 })),
        new("exp very negative", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = -1e18 })),
        new("exp missing", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = (long?)null })),
        new("exp as text", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = Forgery.Seconds(600).ToString(System.Globalization.CultureInfo.InvariantCulture) })),
        new("exp a date", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = "2099-01-01T00:00:00Z" })),
        new("exp a boolean", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = true })),
        new("exp in a list", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = new[] { Forgery.Seconds(600) } })),
        new("exp an object", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = new { at = Forgery.Seconds(600) } })),
        new("exp in milliseconds", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = Forgery.Seconds(600) * 1000 })),
        new("exp huge", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = 1e300 })),
        new("exp of a number too large for any", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload().Replace($"\"exp\":", "\"exp\":1e400,\"was\":", StringComparison.Ordinal))),
        new("exp in the past with a fraction", Answers.Expired, hall => hall.Issuer.Sign(new { exp = Forgery.Seconds(-90) + 0.5 })),
        new("exp as text with a fraction", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = "4000000000.5" })),
        new("exp as text, negative", Answers.NotValid, hall => hall.Issuer.Sign(new { exp = "-1" })),
        new("cnf of a key's thumbprint", Answers.NotValid, hall => hall.Issuer.Sign(new { cnf = new { jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } })),
        new("cnf of a certificate", Answers.NotValid, hall => hall.Issuer.Sign(new Dictionary<string, object?> { ["cnf"] = new Dictionary<string, string> { ["x5t#S256"] = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0" } })),
        new("cnf of a key", Answers.NotValid, hall => hall.Issuer.Sign(new { cnf = new { jwk = hall.Attacker.SigningKey.ToJwk() } })),
        new("cnf empty", Answers.NotValid, hall => hall.Issuer.Sign(new { cnf = new { } })),
        new("cnf a text", Answers.NotValid, hall => hall.Issuer.Sign(new { cnf = "none" })),
        new("cnf null", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"cnf\":null"))),
        new("nbf in the future", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = Forgery.Seconds(90) })),
        new("nbf after 2038", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = 4_000_000_000L })),
        new("nbf huge", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = 1e300 })),
        new("nbf as text", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = "4000000000" })),
        new("nbf as text in the past", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = "1" })),
        new("nbf in the future with a fraction", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = Forgery.Seconds(90) + 0.5 })),
        new("nbf of a number too large for any", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"nbf\":1e400"))),
        new("nbf of a number too small for any", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"nbf\":-1e400"))),
        new("nbf a date", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = "2099-01-01T00:00:00Z" })),
        new("nbf an object", Answers.NotValid, hall => hall.Issuer.Sign(new { nbf = new { at = 1 } })),
    ];

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public Task A_jwt_that_is_not_for_us_or_not_for_now_is_refused(string what) => Forgery.IsRefusedAsync(Table, what, hall);
}
