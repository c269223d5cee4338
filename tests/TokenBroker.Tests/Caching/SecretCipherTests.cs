using System.Security.Cryptography;
using System.Text;
using TokenBroker.Caching;

namespace TokenBroker.Tests.Caching;

public sealed class SecretCipherTests
{
    private static readonly string First = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string Second = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Theory]
    [InlineData("")]
    [InlineData("{\"token\":\"ADDELN4X34\"}")]
    public void What_is_encrypted_is_decrypted_under_its_name_and_cannot_be_read(string text)
    {
        var cipher = SecretCipher.Parse(First);
        var value = cipher.Encrypt("name", text);
        Assert.True(cipher.TryDecrypt("name", value, out var read));
        Assert.Equal(text, read);
        if (text.Length > 0)
            Assert.DoesNotContain("token", Encoding.Latin1.GetString(value), StringComparison.Ordinal);
        Assert.NotEqual(value, cipher.Encrypt("name", text));
    }

    [Fact]
    public void Under_another_name_it_is_worth_nothing()
    {
        var cipher = SecretCipher.Parse(First);
        Assert.False(cipher.TryDecrypt("other", cipher.Encrypt("name", "text"), out _));
    }

    [Fact]
    public void A_value_that_was_changed_or_cut_anywhere_is_refused()
    {
        var cipher = SecretCipher.Parse(First);
        var value = cipher.Encrypt("name", "text");
        for (var index = 0; index < value.Length; index++)
        {
            var changed = (byte[])value.Clone();
            changed[index] ^= 1;
            Assert.False(cipher.TryDecrypt("name", changed, out _));
            Assert.False(cipher.TryDecrypt("name", value.AsSpan(0, index), out _));
        }

        Assert.False(cipher.TryDecrypt("name", [.. value, 0], out _));
    }

    [Fact]
    public void The_first_key_encrypts_and_all_of_them_decrypt()
    {
        var (old, both, swapped) = (
            SecretCipher.Parse(First),
            SecretCipher.Parse($"{First}\n{Second}\n"),
            SecretCipher.Parse($"{Second}\n{First}"));
        Assert.True(both.TryDecrypt("name", old.Encrypt("name", "text"), out _));
        Assert.True(swapped.TryDecrypt("name", both.Encrypt("name", "text"), out _));
        Assert.True(both.TryDecrypt("name", swapped.Encrypt("name", "text"), out _));
        Assert.True(old.TryDecrypt("name", both.Encrypt("name", "text"), out _));
        Assert.False(old.TryDecrypt("name", swapped.Encrypt("name", "text"), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64")]
    public void A_text_that_is_not_a_key_is_a_fault(string text) => Assert.Throws<FormatException>(() => SecretCipher.Parse(text));
}
