using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Authentication;

/// <summary>
/// JWTs that name a key which the issuer does not publish. Each row has a broker of its own, which asks the issuer for its keys once
/// before it
/// says no; those who come within ten seconds after that are told to come back.
/// </summary>
public sealed class UnknownKeyForgeryTests : IAsyncLifetime
{
    private static readonly Forgery[] Table =
    [
        new("a stranger's key under its own kid", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(key: fixture.Attacker.SigningKey)),
        new("another issuer's key under its own kid", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(key: fixture.Other.SigningKey)),
        new("this issuer's key under another issuer's kid", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { kid = fixture.Other.SigningKey.KeyId })),
        new("this issuer's key in another issuer's name", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Other.Sign(key: fixture.Issuer.SigningKey)),
        new("kid in other case", AuthenticationAssertions.BadSignature, fixture =>
            fixture.Issuer.Sign(header: new { kid = fixture.Issuer.SigningKey.KeyId.ToUpperInvariant() + "A" })),
        new("kid a path", AuthenticationAssertions.BadSignature, fixture => fixture.Issuer.Sign(
            header: new { kid = "../../dev/null" },
            key: fixture.Attacker.SigningKey)),
        new("jwk of the attacker", AuthenticationAssertions.BadSignature, fixture => ByAttacker(
            fixture,
            new JsonObject { ["jwk"] = fixture.Attacker.SigningKey.ToJwk() })),
        new("jku of the attacker", AuthenticationAssertions.BadSignature, fixture => ByAttacker(
            fixture,
            new JsonObject { ["jku"] = fixture.Attacker.KeysAddress.ToString() })),
        new("x5u of the attacker", AuthenticationAssertions.BadSignature, fixture => ByAttacker(
            fixture,
            new JsonObject { ["x5u"] = fixture.Attacker.KeysAddress.ToString() })),
        new("x5c of no certificate", AuthenticationAssertions.BadSignature, fixture => ByAttacker(
            fixture,
            new JsonObject { ["x5c"] = new JsonArray("AAAA"), ["x5t"] = "AAAA" })),
    ];

    private readonly ForgeryFixture fixture = new();

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    public ValueTask InitializeAsync() => fixture.InitializeAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_jwt_of_a_key_that_the_issuer_does_not_publish_is_refused(string what)
    {
        await Forgery.IsRefusedAsync(Table, what, fixture);
        await fixture.Broker.IsUnavailableAsync(Table.Single(row => row.What == what).Make(fixture));
        await fixture.Broker.IsServedAsync(fixture.Issuer.Sign());
    }

    private static string ByAttacker(ForgeryFixture fixture, JsonObject header) =>
        fixture.Issuer.Sign(claims: null, header, fixture.Attacker.SigningKey);
}
