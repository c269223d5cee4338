using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.Authentication;

/// <summary>Texts that are no JWT, or one that two readers would understand in two ways.</summary>
public sealed class FormForgeryTests(ForgeryHall hall) : IClassFixture<ForgeryHall>
{
    private const string Name = "\"vm-1\"";

    private static readonly Forgery[] Table =
    [
        new("crit of an unknown member", Answers.NotValid, hall => hall.Issuer.Sign(header: new { crit = new[] { "unknown" }, unknown = true })),
        new("crit of a known claim", Answers.NotValid, hall => hall.Issuer.Sign(header: new { crit = new[] { "exp" }, exp = Forgery.Seconds(600) })),
        new("crit of b64", Answers.NotValid, hall => hall.Issuer.Sign(header: new { crit = new[] { "b64" }, b64 = true })),
        new("crit empty", Answers.NotValid, hall => hall.Issuer.Sign(header: new { crit = Array.Empty<string>() })),
        new("crit a text", Answers.NotValid, hall => hall.Issuer.Sign(header: new { crit = "exp" })),
        new("crit null", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header(more: ",\"crit\":null"))),
        new("b64 false and the payload encoded", Answers.NotValid, hall => hall.Issuer.Sign(header: new { b64 = false })),
        new("b64 false and the payload as it is", Answers.Missing, hall => hall.Hand.SignEncoded(HandSigner.Payload(), HandSigner.Header(more: ",\"b64\":false"))),
        new("b64 false and critical", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header(more: ",\"b64\":false,\"crit\":[\"b64\"]"))),
        new("typ logout+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "logout+jwt" })),
        new("typ dpop+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "dpop+jwt" })),
        new("typ secevent+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "secevent+jwt" })),
        new("typ oauth-authz-req+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "oauth-authz-req+jwt" })),
        new("typ token-introspection+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "token-introspection+jwt" })),
        new("typ kb+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "kb+jwt" })),
        new("typ wit+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "wit+jwt" })),
        new("typ application/logout+jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "application/logout+jwt" })),
        new("typ LOGOUT+JWT", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "LOGOUT+JWT" })),
        new("typ application/application/jwt", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "application/application/jwt" })),
        new("typ at+jwt;x=y", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "at+jwt;x=y" })),
        new("typ JWS", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "JWS" })),
        new("typ refresh", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "refresh" })),
        new("typ empty", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "" })),
        new("typ a number", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = 1 })),
        new("typ in a list", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = new[] { "JWT" } })),
        new("typ with a space more", Answers.NotValid, hall => hall.Issuer.Sign(header: new { typ = "JWT " })),
        new("longer than 16 kB", Answers.NotValid, hall => hall.Issuer.Sign(new { padding = new string('x', 12_000) })),
        new("longer than 16 kB, of no claims", Answers.NotValid, _ => new string('a', 9_000) + "." + new string('a', 9_000) + ".a"),
        new("payload changed", Answers.BadSignature, hall => Change(hall.Issuer.Sign(), 1, text => text.Replace(Name, "\"vm-2\"", StringComparison.Ordinal))),
        new("header changed", Answers.BadSignature, hall => Change(hall.Issuer.Sign(), 0, text => text.Replace("\"JWT\"", "\"jwt\"", StringComparison.Ordinal))),
        new("signature changed at its start", Answers.BadSignature, hall => Flip(hall.Issuer.Sign(), fromEnd: 300)),
        new("signature changed in its middle", Answers.BadSignature, hall => Flip(hall.Issuer.Sign(), fromEnd: 100)),
        new("signature cut", Answers.BadSignature, hall => hall.Issuer.Sign()[..^8]),
        new("signature cut off", Answers.NotValid, hall => hall.Issuer.Sign().Split('.') is [var header, var payload, _] ? header + "." + payload : ""),
        new("payload cut", Answers.NotValid, hall => hall.Issuer.Sign().Split('.') is [var header, var payload, var signature] ? $"{header}.{payload[..^10]}.{signature}" : ""),
        new("payload of another JWT", Answers.BadSignature, hall => Mix(hall.Issuer.Sign(), hall.Issuer.Sign(new { sub = "vm-2" }))),
        new("two JWTs", Answers.Missing, hall => hall.Issuer.Sign() + "," + hall.Issuer.Sign()),
        new("a JWT and a part more", Answers.NotValid, hall => hall.Issuer.Sign() + ".AAAA"),
        new("a JWT and a dot more", Answers.NotValid, hall => hall.Issuer.Sign() + "."),
        new("a JWE of five parts", Answers.UnknownIssuer, hall => Encode("""{"alg":"RSA-OAEP","enc":"A256GCM"}""") + ".AAAA.AAAA.AAAA.AAAA"),
        new("a JWE dir of five parts", Answers.UnknownIssuer, hall => Encode("""{"alg":"dir","enc":"A128CBC-HS256","cty":"JWT"}""") + "..AAAA.AAAA.AAAA"),
        new("three dots of nothing", Answers.NotValid, _ => ".."),
        new("garbage", Answers.NotValid, _ => "garbage"),
        new("garbage in three parts", Answers.NotValid, _ => "a.b.c"),
        new("a GitHub token", Answers.NotValid, _ => "ghp_000000000000000000000000000000000000"),
        new("header no JSON", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), "{alg")),
        new("header a list", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), "[\"RS256\"]")),
        new("payload no JSON", Answers.NotValid, hall => hall.Hand.Sign("{iss")),
        new("payload a list", Answers.NotValid, hall => hall.Hand.Sign($"[{HandSigner.Payload()}]")),
        new("payload a text", Answers.NotValid, hall => hall.Hand.Sign("\"text\"")),
        new("payload null", Answers.UnknownIssuer, hall => hall.Hand.Sign("null")),
        new("payload empty", Answers.NotValid, hall => hall.Hand.Sign("")),
        new("payload of two objects", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload() + HandSigner.Payload())),
        new("payload and a brace more", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload() + "}")),
        new("payload and a zero byte more", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload() + "\0")),
        new("payload after a byte order mark", Answers.NotValid, hall => hall.Hand.Sign("\ufeff" + HandSigner.Payload())),
        new("header of two objects", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header() + HandSigner.Header())),
        new("header and a brace more", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header() + "}")),
        new("header and a zero byte more", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header() + "\0")),
        new("header after a byte order mark", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), "\ufeff" + HandSigner.Header())),
        new("header's name twice, deep inside", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header(more: ",\"a\":[{\"b\":1,\"b\":2}]"))),
        new("half a surrogate pair in the header", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header(more: ",\"a\":\"\\ud800\""))),
        new("payload padded", Answers.NotValid, hall => hall.Hand.SignEncoded(Encode(HandSigner.Payload()) + "=")),
        new("payload with a space in its base64url", Answers.NotValid, hall => hall.Hand.SignEncoded(Encode(HandSigner.Payload()).Insert(8, " "))),
        new("payload with a comment", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",/* */\"a\":1"))),
        new("payload with NaN", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"a\":NaN"))),
        new("payload with single quotes", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload().Replace('"', '\''))),
        new("payload that is no UTF-8", Answers.NotValid, hall => hall.Hand.Sign(Encoding.Latin1.GetBytes(HandSigner.Payload(",\"name\":\"\u00ff\"")))),
        new("sub twice", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"sub\":\"vm-2\""))),
        new("iss twice", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload($",\"iss\":\"{HandSigner.Issuer}\""))),
        new("iss twice, first another", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload().Replace("{", "{\"iss\":\"https://a.example\",", StringComparison.Ordinal))),
        new("exp twice", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload($",\"exp\":{Forgery.Seconds(900)}"))),
        new("a name twice, once escaped", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"s\\u0075b\":\"vm-2\""))),
        new("a name twice, deep inside", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"a\":{\"b\":[{\"c\":1,\"c\":2}]}"))),
        new("a header's name twice", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header(more: ",\"alg\":\"RS256\""))),
        new("lists nested deeply", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload($",\"a\":{new string('[', 80)}{new string(']', 80)}"))),
        new("lists nested very deeply", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload($",\"a\":{new string('[', 8_000)}{new string(']', 8_000)}"))),
        new("objects nested very deeply", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload($",\"a\":{string.Concat(Enumerable.Repeat("{\"a\":", 2_000))}1{new string('}', 2_000)}"))),
        new("a header nested very deeply", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(), HandSigner.Header(more: $",\"a\":{new string('[', 4_000)}{new string(']', 4_000)}"))),
        new("half a surrogate pair in a value", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"name\":\"\\ud800\""))),
        new("half a surrogate pair in a name", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"\\udc00\":1"))),
        new("half a surrogate pair deep inside", Answers.NotValid, hall => hall.Hand.Sign(HandSigner.Payload(",\"a\":{\"b\":[[\"\\udfff\"]]}"))),
        new("half a surrogate pair in the issuer", Answers.UnknownIssuer, hall => hall.Hand.Sign("{\"iss\":\"https://by-hand.example\\ud800\"}")),
    ];

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public Task A_text_that_is_no_plain_jwt_is_refused(string what) => Forgery.IsRefusedAsync(Table, what, hall);

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
