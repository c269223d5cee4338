using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.Authentication;

/// <summary>JWTs that the issuer they name has not signed.</summary>
public sealed class SignatureForgeryTests(ForgeryHall hall) : IClassFixture<ForgeryHall>
{
    private static readonly Forgery[] Table =
    [
        new("alg none", Answers.BadSignature, hall => hall.Issuer.WithoutSignature()),
        new("alg None", Answers.BadSignature, hall => hall.Issuer.WithoutSignature(header: new { alg = "None" })),
        new("alg nOnE", Answers.BadSignature, hall => hall.Issuer.WithoutSignature(header: new { alg = "nOnE" })),
        new("alg none over a real signature", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = "none" })),
        new("alg empty", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = "" })),
        new("alg missing", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = (string?)null })),
        new("alg a number", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = 256 })),
        new("alg in lower case", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = "rs256" })),
        new("alg by its XML name", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = SecurityAlgorithms.RsaSha256Signature })),
        new("signature left out", Answers.BadSignature, hall => hall.Issuer.WithoutSignature(header: new { alg = "RS256" })),
        new("HS256 with the public key as PEM", Answers.BadSignature, hall => Symmetric(hall, Encoding.ASCII.GetBytes(hall.Issuer.SigningKey.ToPublicPem()))),
        new("HS256 with the public key as PEM and a line end", Answers.BadSignature, hall => Symmetric(hall, Encoding.ASCII.GetBytes(hall.Issuer.SigningKey.ToPublicPem() + "\n"))),
        new("HS256 with the modulus", Answers.BadSignature, hall => Symmetric(hall, Base64UrlEncoder.DecodeBytes(Modulus(hall)))),
        new("HS256 with the modulus as text", Answers.BadSignature, hall => Symmetric(hall, Encoding.ASCII.GetBytes(Modulus(hall)))),
        new("HS512 with the modulus", Answers.BadSignature, hall => Symmetric(hall, Base64UrlEncoder.DecodeBytes(Modulus(hall)), SecurityAlgorithms.HmacSha512)),
        new("RS256 said of an HS256 signature", Answers.BadSignature, hall => hall.Issuer.Sign(
            claims: null, new { alg = "RS256" }, new SigningCredentials(new SymmetricSecurityKey(Base64UrlEncoder.DecodeBytes(Modulus(hall))), SecurityAlgorithms.HmacSha256))),
        new("RS512 said of an RS256 signature", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = "RS512" })),
        new("PS256 said of an RS256 signature", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = "PS256" })),
        new("ES256 said of an RSA key", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { alg = "ES256" })),
        new("RS256 said of a key on a curve", Answers.BadSignature, hall => hall.Other.Sign(header: new { alg = "RS256" })),
        new("ES384 said of a key on P-256", Answers.BadSignature, hall => hall.Other.Sign(header: new { alg = "ES384" })),
        new("a curve's signature of zeros", Answers.BadSignature, hall => Unsigned(hall.Other.Sign()) + Base64UrlEncoder.Encode(new byte[64])),
        new("an RSA signature of zeros", Answers.BadSignature, hall => Unsigned(hall.Issuer.Sign()) + Base64UrlEncoder.Encode(new byte[256])),
        new("a stranger's key under the issuer's kid", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = hall.Issuer.SigningKey.KeyId }, key: hall.Attacker.SigningKey)),
        new("a stranger's key without kid", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = (string?)null }, key: hall.Attacker.SigningKey)),
        new("another issuer's key under this issuer's kid", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = hall.Issuer.SigningKey.KeyId }, key: hall.Other.SigningKey)),
        new("kid a number", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = 1 })),
        new("kid an object", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = new { a = 1 } })),
        new("jwk of the attacker, its kid the issuer's", Answers.BadSignature, hall => hall.Issuer.Sign(
            claims: null, new JsonObject { ["kid"] = hall.Issuer.SigningKey.KeyId, ["jwk"] = hall.Attacker.SigningKey.ToJwk() }, hall.Attacker.SigningKey)),
        new("iss of the attacker", Answers.UnknownIssuer, hall => hall.Attacker.Sign()),
    ];

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    [Theory]
    [MemberData(nameof(Forgeries))]
    public Task A_jwt_that_the_issuer_has_not_signed_is_refused(string what) => Forgery.IsRefusedAsync(Table, what, hall);

    private static string Symmetric(ForgeryHall hall, byte[] secret, string algorithm = SecurityAlgorithms.HmacSha256) =>
        hall.Issuer.Sign(claims: null, header: null, new SigningCredentials(new SymmetricSecurityKey(secret), algorithm));

    private static string Modulus(ForgeryHall hall) => hall.Issuer.SigningKey.ToJwk()["n"]!.GetValue<string>();

    private static string Unsigned(string jwt) => jwt[..(jwt.LastIndexOf('.') + 1)];
}
