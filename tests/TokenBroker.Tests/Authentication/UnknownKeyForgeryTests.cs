using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Authentication;

/// <summary>
/// JWTs that name a key which the issuer does not publish. Each row has a broker of its own, which asks the issuer for its keys once before it
/// says no; those who come within ten seconds after that are told to come back.
/// </summary>
public sealed class UnknownKeyForgeryTests : IAsyncLifetime
{
    private static readonly Forgery[] Table =
    [
        new("a stranger's key under its own kid", Answers.BadSignature, hall => hall.Issuer.Sign(key: hall.Attacker.SigningKey)),
        new("another issuer's key under its own kid", Answers.BadSignature, hall => hall.Issuer.Sign(key: hall.Other.SigningKey)),
        new("this issuer's key under another issuer's kid", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = hall.Other.SigningKey.KeyId })),
        new("this issuer's key in another issuer's name", Answers.BadSignature, hall => hall.Other.Sign(key: hall.Issuer.SigningKey)),
        new("kid in other case", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = hall.Issuer.SigningKey.KeyId.ToUpperInvariant() + "A" })),
        new("kid a path", Answers.BadSignature, hall => hall.Issuer.Sign(header: new { kid = "../../dev/null" }, key: hall.Attacker.SigningKey)),
        new("jwk of the attacker", Answers.BadSignature, hall => ByAttacker(hall, new JsonObject { ["jwk"] = hall.Attacker.SigningKey.ToJwk() })),
        new("jku of the attacker", Answers.BadSignature, hall => ByAttacker(hall, new JsonObject { ["jku"] = hall.Attacker.KeysAddress.ToString() })),
        new("x5u of the attacker", Answers.BadSignature, hall => ByAttacker(hall, new JsonObject { ["x5u"] = hall.Attacker.KeysAddress.ToString() })),
        new("x5c of no certificate", Answers.BadSignature, hall => ByAttacker(hall, new JsonObject { ["x5c"] = new JsonArray("AAAA"), ["x5t"] = "AAAA" })),
    ];

    private readonly ForgeryHall hall = new();

    public static TheoryData<string> Forgeries => Forgery.NamesOf(Table);

    public ValueTask InitializeAsync() => hall.InitializeAsync();

    public ValueTask DisposeAsync() => hall.DisposeAsync();

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_jwt_of_a_key_that_the_issuer_does_not_publish_is_refused(string what)
    {
        await Forgery.IsRefusedAsync(Table, what, hall);
        await hall.Broker.IsUnavailableAsync(Table.Single(row => row.What == what).Make(hall));
        await hall.Broker.IsServedAsync(hall.Issuer.Sign());
    }

    private static string ByAttacker(ForgeryHall hall, JsonObject header) => hall.Issuer.Sign(claims: null, header, hall.Attacker.SigningKey);
}
