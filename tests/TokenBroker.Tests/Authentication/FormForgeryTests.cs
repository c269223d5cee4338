using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.Authentication;

/// <summary>Texts that are no JWT, or one that two readers would understand in two ways.</summary>
public sealed class FormForgeryTests(ForgeryFixture fixture) : IClassFixture<ForgeryFixture>
{
    private const string Name = "\"vm-1\"";

    private static readonly Forgery[] Table =
    [
        new("crit of an unknown member", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { crit = new[] { "unknown" }, unknown = true })),
        new("crit of a known claim", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { crit = new[] { "exp" }, exp = Forgery.Seconds(600) })),
        new("crit of b64", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { crit = new[] { "b64" }, b64 = true })),
        new("crit empty", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { crit = Array.Empty<string>() })),
        new("crit a text", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { crit = "exp" })),
        new("crit null", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: ",\"crit\":null"))),
        new("b64 false and the payload encoded", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { b64 = false })),
        new("b64 false and the payload as it is", AuthenticationAssertions.Missing, fixture => fixture.RawSigner.SignEncoded(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: ",\"b64\":false"))),
        new("b64 false and critical", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: ",\"b64\":false,\"crit\":[\"b64\"]"))),
        new("typ logout+jwt", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "logout+jwt" })),
        new("typ dpop+jwt", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "dpop+jwt" })),
        new("typ secevent+jwt", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "secevent+jwt" })),
        new("typ oauth-authz-req+jwt", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { typ = "oauth-authz-req+jwt" })),
        new("typ token-introspection+jwt", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { typ = "token-introspection+jwt" })),
        new("typ kb+jwt", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "kb+jwt" })),
        new("typ wit+jwt", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "wit+jwt" })),
        new("typ application/logout+jwt", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { typ = "application/logout+jwt" })),
        new("typ LOGOUT+JWT", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "LOGOUT+JWT" })),
        new("typ application/application/jwt", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(header: new { typ = "application/application/jwt" })),
        new("typ at+jwt;x=y", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "at+jwt;x=y" })),
        new("typ JWS", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "JWS" })),
        new("typ refresh", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "refresh" })),
        new("typ empty", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "" })),
        new("typ a number", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = 1 })),
        new("typ in a list", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = new[] { "JWT" } })),
        new("typ with a space more", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign(header: new { typ = "JWT " })),
        new("longer than 16 kB", AuthenticationAssertions.NotValid, fixture =>
            fixture.Issuer.Sign(new { padding = new string('x', 12_000) })),
        new("longer than 16 kB, of no claims", AuthenticationAssertions.NotValid, _ => new string(
            'a',
            9_000) + "." + new string('a', 9_000) + ".a"),
        new("payload changed", AuthenticationAssertions.BadSignature, fixture => Change(
            fixture.Issuer.Sign(),
            1,
            text => text.Replace(Name, "\"vm-2\"", StringComparison.Ordinal))),
        new("header changed", AuthenticationAssertions.BadSignature, fixture => Change(
            fixture.Issuer.Sign(),
            0,
            text => text.Replace("\"JWT\"", "\"jwt\"", StringComparison.Ordinal))),
        new("signature changed at its start", AuthenticationAssertions.BadSignature, fixture => Flip(fixture.Issuer.Sign(), fromEnd: 300)),
        new("signature changed in its middle", AuthenticationAssertions.BadSignature, fixture => Flip(fixture.Issuer.Sign(), fromEnd: 100)),
        new("signature cut", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign()[..^8]),
        new("signature cut off", AuthenticationAssertions.NotValid, fixture => fixture.Issuer
            .Sign()
            .Split('.') is [var header, var payload, _] ? header + "." + payload : ""),
        new("payload cut", AuthenticationAssertions.NotValid, fixture => fixture.Issuer
            .Sign()
            .Split('.') is [var header, var payload, var signature] ? $"{header}.{payload[..^10]}.{signature}" : ""),
        new("payload of another JWT", AuthenticationAssertions.BadSignature, fixture => Mix(
            fixture.Issuer.Sign(),
            fixture.Issuer.Sign(new { sub = "vm-2" }))),
        new("two JWTs", AuthenticationAssertions.Missing, fixture => fixture.Issuer.Sign() + "," + fixture.Issuer.Sign()),
        new("a JWT and a part more", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign() + ".AAAA"),
        new("a JWT and a dot more", AuthenticationAssertions.NotValid, fixture => fixture.Issuer.Sign() + "."),
        new("a JWE of five parts", AuthenticationAssertions.UnknownIssuer, fixture =>
            Encode("""{"alg":"RSA-OAEP","enc":"A256GCM"}""") + ".AAAA.AAAA.AAAA.AAAA"),
        new("a JWE dir of five parts", AuthenticationAssertions.UnknownIssuer, fixture =>
            Encode("""{"alg":"dir","enc":"A128CBC-HS256","cty":"JWT"}""") + "..AAAA.AAAA.AAAA"),
        new("three dots of nothing", AuthenticationAssertions.NotValid, _ => ".."),
        new("garbage", AuthenticationAssertions.NotValid, _ => "garbage"),
        new("garbage in three parts", AuthenticationAssertions.NotValid, _ => "a.b.c"),
        new("a GitHub token", AuthenticationAssertions.NotValid, _ => "ghp_000000000000000000000000000000000000"),
        new("header no JSON", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), "{alg")),
        new("header a list", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(), "[\"RS256\"]")),
        new("payload no JSON", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign("{iss")),
        new("payload a list", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign($"[{RawJwtSigner.Payload()}]")),
        new("payload a text", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign("\"text\"")),
        new("payload null", AuthenticationAssertions.UnknownIssuer, fixture => fixture.RawSigner.Sign("null")),
        new("payload empty", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign("")),
        new("payload of two objects", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload() + RawJwtSigner.Payload())),
        new("payload and a brace more", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload() + "}")),
        new("payload and a zero byte more", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload() + "\0")),
        new("payload after a byte order mark", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign("\ufeff" + RawJwtSigner.Payload())),
        new("header of two objects", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header() + RawJwtSigner.Header())),
        new("header and a brace more", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header() + "}")),
        new("header and a zero byte more", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header() + "\0")),
        new("header after a byte order mark", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            "\ufeff" + RawJwtSigner.Header())),
        new("header's name twice, deep inside", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: ",\"a\":[{\"b\":1,\"b\":2}]"))),
        new("half a surrogate pair in the header", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: ",\"a\":\"\\ud800\""))),
        new("payload padded", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.SignEncoded(Encode(RawJwtSigner.Payload()) + "=")),
        new("payload with a space in its base64url", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.SignEncoded(Encode(RawJwtSigner.Payload()).Insert(8, " "))),
        new("payload with a comment", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",/* */\"a\":1"))),
        new("payload with NaN", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"a\":NaN"))),
        new("payload with single quotes", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload().Replace('"', '\''))),
        new("payload that is no UTF-8", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(Encoding.Latin1.GetBytes(RawJwtSigner.Payload(",\"name\":\"\u00ff\"")))),
        new("sub twice", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"sub\":\"vm-2\""))),
        new("iss twice", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload($",\"iss\":\"{RawJwtSigner.Issuer}\""))),
        new("iss twice, first another", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload().Replace("{", "{\"iss\":\"https://a.example\",", StringComparison.Ordinal))),
        new("exp twice", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload($",\"exp\":{Forgery.Seconds(900)}"))),
        new("a name twice, once escaped", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"s\\u0075b\":\"vm-2\""))),
        new("a name twice, deep inside", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"a\":{\"b\":[{\"c\":1,\"c\":2}]}"))),
        new("a header's name twice", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: ",\"alg\":\"RS256\""))),
        new("lists nested deeply", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload($",\"a\":{new string('[', 80)}{new string(']', 80)}"))),
        new("lists nested very deeply", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload($",\"a\":{new string('[', 8_000)}{new string(']', 8_000)}"))),
        new("objects nested very deeply", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload($",\"a\":{string.Concat(Enumerable.Repeat("{\"a\":", 2_000))}1{new string('}', 2_000)}"))),
        new("a header nested very deeply", AuthenticationAssertions.NotValid, fixture => fixture.RawSigner.Sign(
            RawJwtSigner.Payload(),
            RawJwtSigner.Header(more: $",\"a\":{new string('[', 4_000)}{new string(']', 4_000)}"))),
        new("half a surrogate pair in a value", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"name\":\"\\ud800\""))),
        new("half a surrogate pair in a name", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"\\udc00\":1"))),
        new("half a surrogate pair deep inside", AuthenticationAssertions.NotValid, fixture =>
            fixture.RawSigner.Sign(RawJwtSigner.Payload(",\"a\":{\"b\":[[\"\\udfff\"]]}"))),
        new("half a surrogate pair in the issuer", AuthenticationAssertions.UnknownIssuer, fixture =>
            fixture.RawSigner.Sign("{\"iss\":\"https://by-hand.example\\ud800\"}")),
    ];

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public Task A_text_that_is_not_a_plain_JWT_is_refused(string what) => Forgery.IsRefusedAsync(Table, what, fixture);

    private static string Encode(string text) => Base64UrlEncoder.Encode(text);

    private static string Change(string jwt, int part, Func<string, string> change)
    {
        var parts = jwt.Split('.');
        var changed = Encode(change(Base64UrlEncoder.Decode(parts[part])));
        Assert.NotEqual(parts[part], changed);
        parts[part] = changed;
        return string.Join('.', parts);
    }

    private static string Flip(string jwt, int fromEnd)
    {
        var letter = jwt[^fromEnd] == 'A' ? 'B' : 'A';
        return jwt[..^fromEnd] + letter + jwt[^(fromEnd - 1)..];
    }

    private static string Mix(string jwt, string other) => string.Join('.', jwt.Split('.')[0], other.Split('.')[1], jwt.Split('.')[2]);
}
