using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.Authentication;

/// <summary>JWTs that the issuer they name has not signed.</summary>
public sealed class SignatureForgeryTests(ForgeryFixture fixture) : IClassFixture<ForgeryFixture>
{
    private static readonly Forgery[] Table =
    [
        new("alg none", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.WithoutSignature()),
        new("alg None", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.WithoutSignature(header: new { alg = "None" })),
        new("alg nOnE", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.WithoutSignature(header: new { alg = "nOnE" })),
        new("alg none over a real signature", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { alg = "none" })),
        new("alg empty", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(header: new { alg = "" })),
        new("alg missing", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(header: new { alg = (string?)null })),
        new("alg a number", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(header: new { alg = 256 })),
        new("alg in lower case", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(header: new { alg = "rs256" })),
        new("alg by its XML name", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { alg = SecurityAlgorithms.RsaSha256Signature })),
        new("signature left out", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.WithoutSignature(header: new { alg = "RS256" })),
        new("HS256 with the public key as PEM", AuthenticationAssertions.BadSignature, fixture => Symmetric(
            fixture,
            Encoding.ASCII.GetBytes(fixture.Issuer.SigningKey.ToPublicPem()))),
        new("HS256 with the public key as PEM and a line end", AuthenticationAssertions.BadSignature, fixture => Symmetric(
            fixture,
            Encoding.ASCII.GetBytes(fixture.Issuer.SigningKey.ToPublicPem() + "\n"))),
        new("HS256 with the modulus", AuthenticationAssertions.BadSignature, fixture => Symmetric(
            fixture,
            Base64UrlEncoder.DecodeBytes(Modulus(fixture)))),
        new("HS256 with the modulus as text", AuthenticationAssertions.BadSignature, fixture => Symmetric(
            fixture,
            Encoding.ASCII.GetBytes(Modulus(fixture)))),
        new("HS512 with the modulus", AuthenticationAssertions.BadSignature, fixture => Symmetric(
            fixture,
            Base64UrlEncoder.DecodeBytes(Modulus(fixture)),
            SecurityAlgorithms.HmacSha512)),
        new("RS256 said of an HS256 signature", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(
            claims: null,
            new { alg = "RS256" },
            new SigningCredentials(
                new SymmetricSecurityKey(Base64UrlEncoder.DecodeBytes(Modulus(fixture))),
                SecurityAlgorithms.HmacSha256))),
        new("RS512 said of an RS256 signature", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { alg = "RS512" })),
        new("PS256 said of an RS256 signature", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { alg = "PS256" })),
        new("ES256 said of an RSA key", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { alg = "ES256" })),
        new("RS256 said of a key on a curve", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Other.Sign(header: new { alg = "RS256" })),
        new("ES384 said of a key on P-256", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Other.Sign(header: new { alg = "ES384" })),
        new("a curve's signature of zeros", AuthenticationAssertions.BadSignature, fixture =>
            Unsigned(fixture.Other.Sign()) + Base64UrlEncoder.Encode(new byte[64])),
        new("an RSA signature of zeros", AuthenticationAssertions.BadSignature, fixture =>
            Unsigned(fixture.Issuer.Sign()) + Base64UrlEncoder.Encode(new byte[256])),
        new("a stranger's key under the issuer's kid", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(
            header: new { kid = fixture.Issuer.SigningKey.KeyId },
            key: fixture.Attacker.SigningKey)),
        new("a stranger's key without kid", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(
            header: new { kid = (string?)null },
            key: fixture.Attacker.SigningKey)),
        new("another issuer's key under this issuer's kid", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(
            header: new { kid = fixture.Issuer.SigningKey.KeyId },
            key: fixture.Other.SigningKey)),
        new("kid a number", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(header: new { kid = 1 })),
        new("kid an object", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(header: new { kid = new { a = 1 } })),
        new("jwk of the attacker, its kid the issuer's", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(
            claims: null,
            new JsonObject { ["kid"] = fixture.Issuer.SigningKey.KeyId, ["jwk"] = fixture.Attacker.SigningKey.ToJwk() },
            fixture.Attacker.SigningKey)),
        new("iss of the attacker", AuthenticationAssertions.UnknownIssuer, fixture => fixture.Attacker.Sign()),
    ];

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public Task A_jwt_that_the_issuer_has_not_signed_is_refused(string what) => Forgery.IsRefusedAsync(Table, what, fixture);

    private static string Symmetric(ForgeryFixture fixture, byte[] secret, string algorithm = SecurityAlgorithms.HmacSha256) =>
        fixture.Issuer.Sign(claims: null, header: null, new SigningCredentials(new SymmetricSecurityKey(secret), algorithm));

    private static string Modulus(ForgeryFixture fixture) => fixture.Issuer.SigningKey.ToJwk()["n"]!.GetValue<string>();

    private static string Unsigned(string jwt) => jwt[..(jwt.LastIndexOf('.') + 1)];
}
