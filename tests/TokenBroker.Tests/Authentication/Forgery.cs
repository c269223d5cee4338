namespace TokenBroker.Tests.Authentication;

/// <summary>One row of a table of forgeries.</summary>
/// <param name="What">What is wrong with it.</param>
/// <param name="Detail">What the caller is told.</param>
/// <param name="Make">Makes it.</param>
internal sealed record Forgery(string What, string Detail, Func<ForgeryFixture, string> Make)
{
    /// <summary>The names of the rows, for a theory.</summary>
    public static TheoryData<string> NamesOf(IEnumerable<Forgery> table) => [.. table.Select(forgery => forgery.What)];

    /// <summary>Holds that the row is refused, for its reason and without a word to GitHub or to the attacker's server.</summary>
    public static async Task IsRefusedAsync(IEnumerable<Forgery> table, string what, ForgeryFixture fixture)
    {
        var forgery = table.Single(row => row.What == what);
        var asked = fixture.Broker.GitHub.Requests.Total;
        await fixture.Broker.IsRefusedAsync(forgery.Make(fixture), forgery.Detail);
        Assert.Equal(asked, fixture.Broker.GitHub.Requests.Total);
        Assert.Equal((0, 0), (fixture.Attacker.DiscoveryFetches, fixture.Attacker.KeyFetches));
    }

    /// <summary>The present time as JWTs have it, and some seconds more.</summary>
    public static long Seconds(double more) => TimeProvider.System.GetUtcNow().AddSeconds(more).ToUnixTimeSeconds();
}
