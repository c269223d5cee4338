using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>Which of an issuer's keys a JWT is checked with, and how many there may be.</summary>
public sealed class KeyChoiceTests
{
    [Theory]
    [InlineData("its-own")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_key_without_a_name_serves_whatever_a_jwt_names_if_it_is_the_only_one_of_its_type(string? keyId)
    {
        var (rsa, curve, wider) = (
            SandboxSigningKey.Create(),
            SandboxSigningKey.Create(SandboxSigningKey.Es256),
            SandboxSigningKey.Create(SandboxSigningKey.Es384));
        await using var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.UnnamedKeySet(rsa, curve, wider));
        foreach (var key in new[] { rsa, curve, wider })
            await broker.IsServedAsync(KeyFileIssuer.Sign(broker, key, keyId));
        await broker.IsRefusedAsync(
            KeyFileIssuer.Sign(broker, SandboxSigningKey.Create(SandboxSigningKey.Es256), keyId),
            AuthenticationAssertions.BadSignature);
    }

    [Fact]
    public async Task A_name_that_is_null_counts_as_missing()
    {
        var key = SandboxSigningKey.Create(SandboxSigningKey.Es256);
        await using var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.KeySet([key], jwk => jwk["kid"] = null));
        await broker.IsServedAsync(KeyFileIssuer.Sign(broker, key, "its-own"));
    }

    [Fact]
    public async Task Of_two_keys_without_names_none_is_guessed_for_a_jwt_that_names_one()
    {
        var keys = KeyFileIssuer.Create(2);
        await using var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.UnnamedKeySet(keys));
        foreach (var key in keys)
        {
            await broker.IsRefusedAsync(KeyFileIssuer.Sign(broker, key, "its-own"), AuthenticationAssertions.BadSignature);
            await broker.IsServedAsync(KeyFileIssuer.Sign(broker, key, keyId: null));
        }

        Assert.Contains(
            "the issuer has 2 keys for ES256, and the JWT does not determine which one to use",
            broker.Logs.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_named_key_does_not_verify_a_jwt_that_names_another()
    {
        var key = SandboxSigningKey.Create(SandboxSigningKey.Es256);
        await using var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.KeySet([key]));
        await broker.IsRefusedAsync(KeyFileIssuer.Sign(broker, key, "another"), AuthenticationAssertions.BadSignature);
        Assert.Contains("it names a key that the issuer does not publish", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jwt_that_names_no_key_is_tried_with_a_few_of_its_type_and_no_more()
    {
        var (few, many) = (KeyFileIssuer.Create(4), KeyFileIssuer.Create(5));
        var rsa = SandboxSigningKey.Create();
        await using (var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.KeySet([.. few, rsa])))
        {
            foreach (var key in few.Append(rsa))
                await broker.IsServedAsync(KeyFileIssuer.Sign(broker, key, keyId: null));
        }

        await using (var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.KeySet([.. many, rsa])))
        {
            await broker.IsServedAsync(KeyFileIssuer.Sign(broker, rsa, keyId: null));
            await broker.IsRefusedAsync(KeyFileIssuer.Sign(broker, many[0], keyId: null), AuthenticationAssertions.BadSignature);
            await broker.IsServedAsync(KeyFileIssuer.Sign(broker, many[4], many[4].KeyId));
            Assert.Contains(
                "the issuer has 5 keys for ES256, and the JWT does not determine which one to use",
                broker.Logs.Text,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Of_a_file_of_more_than_64_keys_the_rest_is_left_out_and_the_log_says_so()
    {
        var keys = KeyFileIssuer.Create(70);
        await using var broker = await KeyFileIssuer.StartAsync(KeyFileIssuer.KeySet(keys));
        await HoldAsync(
            broker,
            key => KeyFileIssuer.Sign(broker, key, key.KeyId),
            keys,
            "Issuer by-file: 6 keys of its file are ignored; the first 64 usable ones count");
    }

    [Fact]
    public async Task The_same_holds_for_fetched_keys()
    {
        var keys = KeyFileIssuer.Create(70);
        await using var issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = keys[^1] });
        foreach (var key in keys.Reverse().Skip(1))
            issuer.RotateKeys(keepFormer: true, key: key);
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetDiscovered("many", issuer));
        await HoldAsync(
            broker,
            key => issuer.Sign(key: key),
            keys,
            "Issuer many: 6 keys of its key set are ignored; the first 64 usable ones count");
    }

    private static async Task HoldAsync(TestBroker broker, Func<SandboxSigningKey, string> sign, SandboxSigningKey[] keys, string line)
    {
        await broker.IsServedAsync(sign(keys[0]));
        await broker.IsServedAsync(sign(keys[63]));
        await broker.IsRefusedAsync(sign(keys[64]), AuthenticationAssertions.BadSignature);
        Assert.Contains(broker.Logs.Lines, logged => logged.Level == LogLevel.Warning && logged.Message == line);
    }
}
