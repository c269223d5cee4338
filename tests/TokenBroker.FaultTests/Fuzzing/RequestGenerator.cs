using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.FaultTests.Fuzzing;

/// <summary>Makes requests that are nearly right, half right, and not right at all.</summary>
internal sealed class RequestGenerator(SandboxIssuer issuer)
{
    private static readonly string[] Names =
    [
        "octo-org", "octo-two", "hello", "octo-ent", "OCTO-ORG", "-", "_x", ".github", "a.git", "..", ".", "%2e%2e", "%2F", "%00",
        "%0d%0aX-Injected:%201", "%ff", "%C3%28", "%uD800", "%",
        "a b", "é", "%F0%9F%92%A9", "a;b=c", "a,b", "*", "{owner}", "'", "\"", "<script>", "1", "-1", "+1", "99999999999999999999", "0x10",
        "1e3", "ＯＣＴＯ", "octo-org%E2%80%8B", new('a', 100), new('a', 101), new('z', 3000),
    ];

    private static readonly string[] Queries =
    [
        "", "?", "?min_lifetime=1800", "?min_lifetime=-1", "?min_lifetime=9e9", "?min_lifetime=", "?min_lifetime=1&min_lifetime=2",
        "?per_page=100&page=1", "?per_page=101", "?page=0", "?page=99999999999999",
        "?name=vm-1", "?name=%00", "?name=%F0%9F", "?unique_name=true", "?unique_name=maybe", "?%00=%00", "?a[]=1&a[]=2",
        "?" + new string('q', 4000),
    ];

    private static readonly string[] Bodies =
    [
        "", "{}", "[]", "null", "1", "\"x\"", "{", "{\"labels\":[\"linux\"]}", "{\"labels\":[]}", "{\"labels\":[null]}",
        "{\"labels\":\"linux\"}", "{\"labels\":[1,{}]}", "{\"labels\":[\"a,b\",\"\\u0000\"]}", "{\"labels\":[\"\\ud800\"]}",
        "{\"name\":\"vm-1\",\"runner_group_id\":1,\"labels\":[\"linux\"]}",
        "{\"name\":\"vm-1\",\"runner_group_id\":\"1\",\"labels\":[\"linux\"],\"work_folder\":\"/etc\"}",
        "{\"name\":\"\\ud800\",\"runner_group_id\":1,\"labels\":[\"x\"]}",
        "{\"name\":\"vm-1\",\"name\":\"vm-2\",\"runner_group_id\":1,\"labels\":[\"linux\"]}", "{\"runner_group_id\":9223372036854775808}",
        "{\"name\":null,\"runner_group_id\":1e308,\"labels\":{}}", "\ufeff{}",
        "{\"a\":" + new string('[', 200) + new string(']', 200) + "}",
    ];

    private static readonly string[] HeaderLines =
    [
        "Accept: */*", "Accept: text/plain", "Accept: application/vnd.github+json", "Accept: application/problem+json", "Accept: ;;;",
        "Accept: text/plain;q=0, */*;q=0.1", "Accept: " + new string('a', 2000),
        "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded", "Content-Type: text/plain; charset=utf-7",
        "Content-Type: ;", "If-None-Match: *", "If-None-Match: \"x", "If-None-Match: W/\"é\"", "X-Forwarded-For: 1.2.3.4, ::1, x",
        "X-Forwarded-Proto: gopher", "X-Forwarded-Host: evil.example", "X-Forwarded-Prefix: //evil", "Forwarded: for=_x",
        "X-HTTP-Method-Override: DELETE", "Expect: 100-continue", "Range: bytes=0-", "Cookie: a=b", "traceparent: 00-zz",
        "baggage: " + new string('b', 3000),
        "X-Request-Id: mine\tand mine", "Connection: close", "Upgrade: h2c", "Accept-Encoding: br", "Host: other.example",
        "Transfer-Encoding: gzip", "X-Bad\u0001: 1", "No colon at all", ": empty name", "Authorization: Bearer second",
    ];

    // In order: signed, in time, for this broker, and of a machine.
    private readonly string[] sound =
    [
        .. new object?[]
        {
            null, new { sub = "vm-2" }, new { sub = new[] { "vm-1" } }, new { sub = "vm-\n1" },
            new { aud = new object[] { "token-broker", 1 } }, new { iat = "x" }, new { jti = new { } }, new { deep = Deep(30) },
            new { deep = Deep(60) },
        }.Select(claims => issuer.Sign(claims)),
        issuer.Sign(header: new { kid = (string?)null }),
        issuer.Sign(header: new { typ = "at+jwt" }),
        issuer.Sign(header: new { jku = "http://127.0.0.1:1/", x5u = "http://127.0.0.1:1/" }),
    ];

    private readonly string[] unsound =
    [
        .. new object?[]
        {
            new { sub = "stranger" }, new { sub = 7 }, new { sub = (string?)null }, new { sub = new string('s', 9000) },
            new { aud = "elsewhere" }, new { aud = new { a = "token-broker" } }, new { iss = "https://evil.example" }, new { iss = 1 },
            new { exp = 0 }, new { exp = "tomorrow" }, new { exp = 1e300 }, new { exp = -1L }, new { nbf = 99999999999L },
        }.Select(claims => issuer.Sign(claims)),
        issuer.Sign(header: new { kid = "../../etc/passwd" }), issuer.Sign(header: new { alg = "none" }),
        issuer.Sign(header: new { alg = "HS256" }), issuer.Sign(header: new { alg = 5 }),
        issuer.Sign(header: new { crit = new[] { "x" } }), issuer.Sign(header: new { b64 = false }), issuer.WithoutSignature(),
    ];

    /// <summary>Whether a request with this may ever be given a token.</summary>
    public bool IsSound(string? authorization) => authorization is not null && Array.Exists(sound, jwt => Carries(authorization, jwt));

    public Gen<FuzzedRequest> Requests =>
        from method in Frequent(["POST", "GET", "PUT", "DELETE"], ["PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "post", "X", "GÉT", ""])
        from target in Targets
        from authorization in Authorizations
        from headers in Gen.ListOf(Gen.Elements(HeaderLines)).Resize(3)
        from body in Body
        select new FuzzedRequest(method, target, authorization, [.. headers], body);

    private static Gen<string> Targets => Gen.Frequency(
        (8, from prefix in Frequent([""], ["/api/v3", "/api/v3/api/v3", "//", "/./", "/api/v3/.."])
            from scope in Gen.OneOf(Path("repos", 2), Path("orgs", 1), Path("enterprises", 1))
            from rest in Frequent([
                "registration-token",
                "remove-token",
                "generate-jitconfig",
                "",
                "downloads",
                "deprecations/2.300.0",
                "1",
                "1/labels",
                "1/labels/linux",
                "999/labels",
            ], ["deprecations/x%00", "1/", "/", "1/labels/%2e%2e", "1/labels/%20", "registration-token/", "x/y/z"])
            from query in Gen.Elements(Queries)
            select $"{prefix}{scope}/actions/runners/{rest}{query}"),
        (1, from owner in Gen.Elements(Names) select "/users/" + owner),
        (1, Gen.Elements(
            "/caller",
            "/livez",
            "/readyz",
            "/swagger",
            "/swagger/v1/swagger.json",
            "/",
            "*",
            "http://evil.example/orgs/octo-org",
            "/swagger/%2e%2e/readyz",
            "\\orgs\\octo-org",
            "/orgs/octo-org/actions/runners/registration-token\u0000")),
        (1, from text in Garbage select "/" + text));

    private static Gen<string> Path(string word, int names) =>
        from parts in Gen.ArrayOf(Gen.Frequency((2, Gen.Elements("octo-org", "hello", "octo-ent")), (3, Gen.Elements(Names))), names)
        select $"/{word}/{string.Join('/', parts)}";

    private static Gen<string> Garbage =>
        from characters in Gen.ArrayOf(Gen.Choose(33, 126).Select(code => (char)code)) select new string(characters);

    private static Gen<byte[]?> Body => Gen.Frequency<byte[]?>(
        (3, Gen.Constant<byte[]?>(null)),
        (6, Gen.Elements(Bodies).Select(text => (byte[]?)Encoding.UTF8.GetBytes(text))),
        (1, Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value)).Select(bytes => (byte[]?)bytes)),
        (1, Gen.Choose(60_000, 70_000).Select(length => (byte[]?)new byte[length])));

    private Gen<string?> Authorizations =>
        from jwt in Gen.Frequency(
            (14, Gen.Elements(sound)),
            (3, Gen.Elements(unsound)),
            (2, Mutated),
            (1, Garbage),
            (1, Gen.Elements("", "a.b", "a.b.c", "....", "eyJhbGciOiJub25lIn0..", new string('x', 9_000))))
        from scheme in Frequent(["Bearer", "token", "Basic"], ["", "bEaReR", "Negotiate", "Bearer,", "Basic Basic"])
        from isThere in Gen.Choose(0, 9)
        select isThere == 0
            ? null
            : scheme == "Basic" ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("x:" + jwt)) : $"{scheme} {jwt}";

    private Gen<string> Mutated =>
        from jwt in Gen.Elements([.. sound, .. unsound])
        from at in Gen.Choose(0, jwt.Length - 1)
        from character in Gen.Choose(33, 126)
        select jwt[..at] + (char)character + jwt[(at + 1)..];

    // Mostly of the first, now and then of the second.
    private static Gen<string> Frequent(string[] usual, string[] odd) => Gen.Frequency((9, Gen.Elements(usual)), (1, Gen.Elements(odd)));

    private static bool Carries(string authorization, string jwt) =>
        authorization.EndsWith(jwt, StringComparison.Ordinal)
            || authorization.EndsWith(Convert.ToBase64String(Encoding.UTF8.GetBytes("x:" + jwt)), StringComparison.Ordinal);

    private static JsonElement Deep(int levels) =>
        JsonElement.Parse(string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels));
}
