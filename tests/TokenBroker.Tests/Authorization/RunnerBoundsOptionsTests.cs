using System.Text;
using Microsoft.Extensions.Configuration;
using TokenBroker.Authorization;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Authorization;

public sealed class RunnerBoundsOptionsTests
{
    private const string Key = "Authorization:Policies:p:Runners";

    [Theory]
    [InlineData("jitconfig")]
    [InlineData("labels")]
    [InlineData("delete")]
    public void Policies_that_create_or_change_runners_need_names(string operation)
    {
        Assert.Equal([$"{Key}:Names: is required if '{operation}' is allowed."], Faults(operation, "null"));
        Assert.Equal([$"{Key}:Names: at least one pattern of runner names is required."], Faults(operation, """{ "Labels": [ "gpu" ] }"""));
        Assert.Empty(Faults(operation, """{ "Names": [ "vm-*" ] }"""));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("registration-token")]
    [InlineData("remove-token")]
    public void No_other_caller_does(string operation) => Assert.Empty(Faults(operation, "null"));

    [Theory]
    [InlineData("""{ "Names": [ "vm-*", "" ] }""", "Names:1")]
    [InlineData("""{ "Names": [ "vm-*" ], "Labels": [ " " ] }""", "Labels:0")]
    [InlineData("""{ "Names": [ "vm-*" ], "RequiredLabels": [ "a", "" ] }""", "RequiredLabels:1")]
    [InlineData("""{ "Names": [ "vm-*" ], "WorkFolders": [ "" ] }""", "WorkFolders:0")]
    [InlineData("""{ "Names": [ "vm-*" ], "GroupIds": [ 1, 0 ] }""", "GroupIds:1")]
    public void A_value_that_cannot_be_meant_is_named(string runners, string key) =>
        Assert.StartsWith($"{Key}:{key}: ", Assert.Single(Faults("jitconfig", runners)), StringComparison.Ordinal);

    private static IEnumerable<string> Faults(string operation, string runners)
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes($$"""
            {
              "Authentication": { "Issuers": { "i": { "Authority": "https://issuer.example", "Audiences": [ "token-broker" ] } } },
              "Authorization": { "Policies": { "p": {
                "Issuer": "i", "Claims": [ { "Claim": "sub", "Matches": [ "vm-*" ] } ], "Scopes": [ "orgs/octo-org" ],
                "Operations": [ "{{operation}}" ]{{(runners == "null" ? "" : ", \"Runners\": " + runners)}} } } }
            }
            """));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        var options = StrictOptions.Read<PolicyListOptions>(configuration, PolicyListOptions.Section);
        return new PolicyListOptionsValidator(configuration).Validate(name: null, options).Failures ?? [];
    }
}
