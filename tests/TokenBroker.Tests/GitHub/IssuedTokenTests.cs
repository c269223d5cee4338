using System.Globalization;
using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class IssuedTokenTests
{
    // The clock stands at 2026-05-01T12:00:00Z.
    private static readonly ManualClock Clock = new();

    [Theory]
    [InlineData("2026-05-01T13:00:00Z", "2026-05-01T13:00:00Z", "the usual form")]
    [InlineData("2026-05-01T05:00:00.123-08:00", "2026-05-01T13:00:00.123Z", "milliseconds and an offset")]
    [InlineData("2026-05-01T18:30:00.5+05:30", "2026-05-01T13:00:00.5Z", "an offset to the east")]
    [InlineData("2026-05-01T13:00:00", "2026-05-01T13:00:00Z", "without an offset it is UTC")]
    [InlineData("2026-05-01T12:00:01Z", "2026-05-01T12:00:01Z", "one second is left")]
    public async Task An_expiry_is_understood(string text, string expected, string why)
    {
        var secret = IssuedToken.Read(await OctokitResponse.ReadAsync($$"""{"token":"AABB","expires_at":"{{text}}"}"""), Clock);
        Assert.True(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture) == secret.ExpiresAt, why);
        Assert.Equal("AABB", secret.Value);
        Assert.DoesNotContain("AABB", secret.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"token":"AABB","expires_at":"2026-05-01T12:00:00Z"}""", "it ends now")]
    [InlineData("""{"token":"AABB","expires_at":"2026-05-01T12:59:59+01:00"}""", "it has ended elsewhere")]
    [InlineData("""{"token":"AABB","expires_at":""}""", "an empty expiry")]
    [InlineData("""{"token":"AABB","expires_at":null}""", "a null expiry")]
    [InlineData("""{"token":"AABB","expires_at":"2026-13-01T12:00:00Z"}""", "a month that does not exist")]
    [InlineData("""{"token":"","expires_at":"2026-05-01T13:00:00Z"}""", "an empty token")]
    [InlineData("""{"token":"AA BB","expires_at":"2026-05-01T13:00:00Z"}""", "a space in it")]
    [InlineData("""{"token":"AAÄBB","expires_at":"2026-05-01T13:00:00Z"}""", "a letter that no header takes")]
    [InlineData("""{"expires_at":"2026-05-01T13:00:00Z"}""", "no token")]
    public async Task An_answer_without_a_token_is_useless(string json, string why)
    {
        foreach (var read in new[] { IssuedToken.Read, IssuedToken.ReadForCaller })
        {
            var thrown = await Assert.ThrowsAsync<FailureException>(async () => read(await OctokitResponse.ReadAsync(json), Clock));
            Assert.True(FailureKinds.UselessToken == thrown.Failure.Kind, why);
            Assert.DoesNotContain("AABB", thrown.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_stands_twice_in_its_answer_is_useless()
    {
        var issued = await OctokitResponse.ReadAsync("""{"token":"AABB","token":"AABC","expires_at":"2026-05-01T13:00:00Z"}""");
        var thrown = Assert.Throws<FailureException>(() => IssuedToken.ReadForCaller(issued, Clock));
        Assert.Equal(FailureKinds.UselessToken, thrown.Failure.Kind);
    }

    [Fact]
    public Task An_absurdly_long_token_is_useless() => Assert.ThrowsAsync<FailureException>(async () =>
        IssuedToken.Read(
            await OctokitResponse.ReadAsync($$"""{"token":"{{new string('A', 5000)}}","expires_at":"2026-05-01T13:00:00Z"}"""),
            Clock));
}
