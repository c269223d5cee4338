using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>The page's own lines make a key pair and a JWT that the page's configuration takes.</summary>
public sealed class OwnKeyTests
{
    private const string Heading = "A key pair of your own";

    [Fact]
    public async Task The_lines_make_a_key_a_jwt_and_a_token()
    {
        Shell.Needs("openssl", "curl");
        using var folder = new TemporaryFolder();
        await MakeKeyAsync(folder);
        await using var broker = await StartAsync(folder);
        var token = await Shell.RunAsync(
            Lines(1) + Lines(2).Replace("https://broker.example/", broker.Address.ToString(), StringComparison.Ordinal),
            folder.PathOf(""));
        Assert.Contains(token, broker.GitHub.IssuedSecrets);
    }

    [Fact]
    public async Task A_jwt_of_another_key_pair_made_in_the_same_way_is_refused()
    {
        Shell.Needs("openssl");
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        await MakeKeyAsync(folder);
        await MakeKeyAsync(other);
        await using var broker = await StartAsync(folder);
        await broker.IsServedAsync(await SignAsync(folder));
        await broker.IsRefusedAsync(await SignAsync(other), AuthenticationAssertions.BadSignature);
    }

    private static string Lines(int block) => CallersPage.Lines(Heading)[block];

    private static Task<string> MakeKeyAsync(TemporaryFolder folder) => Shell.RunAsync(Lines(0), folder.PathOf(""));

    private static Task<string> SignAsync(TemporaryFolder folder) => Shell.RunAsync(Lines(1) + "printf %s \"$JWT\"", folder.PathOf(""));

    private static Task<TestBroker> StartAsync(TemporaryFolder folder) => TestBroker.StartAsync((configuration, _) =>
    {
        var recipe = CallersPage.Configuration(Heading);
        var issuer = Assert.Single(recipe["Authentication"]!["Issuers"]!.AsObject()).Value!;
        issuer["JwksPath"] = folder.PathOf(Path.GetFileName((string)issuer["JwksPath"]!));
        configuration["Authentication"] = recipe["Authentication"]!.DeepClone();
        configuration["Authorization"] = recipe["Authorization"]!.DeepClone();
    });
}
