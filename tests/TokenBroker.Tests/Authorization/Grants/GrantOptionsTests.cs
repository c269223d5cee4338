using System.Text;
using Microsoft.Extensions.Configuration;
using TokenBroker.Authorization;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Authorization.Grants;

public sealed class GrantOptionsTests
{
    private const string Key = "Authorization:Policies:p:Grants";

    [Theory]
    [InlineData("""{ "Count": 1, "Within": "00:01:00" }""")]
    [InlineData("""{ "Count": 100, "Within": "14.00:00:00" }""")]
    [InlineData("""{ "Count": 3, "Within": "1.00:00:00" }""")]
    public void Sound_grants_have_no_fault(string grants) => Assert.Empty(Faults(grants));

    [Theory]
    [InlineData("""{ "Within": "01:00:00" }""", "Count: is required")]
    [InlineData("""{ "Count": 0, "Within": "01:00:00" }""", "Count: is required")]
    [InlineData("""{ "Count": 101, "Within": "01:00:00" }""", "Count: is required")]
    [InlineData("""{ "Count": "many", "Within": "01:00:00" }""", "Count: must be a whole number")]
    [InlineData("""{ "Count": 3 }""", "Within: is required")]
    [InlineData("""{ "Count": 3, "Within": "00:00:59" }""", "Within: is required")]
    [InlineData("""{ "Count": 3, "Within": "14.00:00:01" }""", "Within: is required")]
    [InlineData("""{ "Count": 3, "Within": "24:00:00" }""", "Within: is required")]
    [InlineData("""{ "Count": 3, "Within": "01:00:00", "Per": "caller" }""", "Per: is not a known key.")]
    public void A_value_that_cannot_be_meant_is_named(string grants, string fault) =>
        Assert.Contains(Faults(grants), one => one.StartsWith($"{Key}:{fault}", StringComparison.Ordinal));

    [Theory]
    [InlineData("{}")]
    [InlineData("3")]
    [InlineData("[]")]
    public void Empty_grants_do_not_mean_no_limit(string grants) => Assert.NotEmpty(Faults(grants));

    [Theory]
    [InlineData("read", false)]
    [InlineData("labels", false)]
    [InlineData("delete", false)]
    [InlineData("registration-token", true)]
    [InlineData("remove-token", true)]
    [InlineData("jitconfig", true)]
    public void There_must_be_something_to_count(string operation, bool isCounted)
    {
        var faults = Faults("""{ "Count": 3, "Within": "01:00:00" }""", operation);
        if (isCounted)
            Assert.Empty(faults);
        else
            Assert.Equal(
                $"{Key}: only registration-token, remove-token, jitconfig can be counted, and the policy allows none of them.",
                Assert.Single(faults));
    }

    private static List<string> Faults(string grants, string operation = "registration-token")
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes($$"""
            {
              "Authentication": { "Issuers": { "i": { "Authority": "https://issuer.example", "Audiences": [ "token-broker" ] } } },
              "Authorization": { "Policies": { "p": {
                "Issuer": "i", "Claims": [ { "Claim": "sub", "Matches": [ "vm-*" ] } ], "Scopes": [ "orgs/octo-org" ],
                "Operations": [ "{{operation}}" ],
                "Runners": { "Names": [ "vm-*" ] }, "Grants": {{grants}} } } }
            }
            """));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        var options = StrictOptions.Read<PolicyListOptions>(configuration, PolicyListOptions.Section);
        return
        [
            .. StrictOptions.FindFaults<PolicyListOptions>(configuration, PolicyListOptions.Section),
            .. new PolicyListOptionsValidator(configuration).Validate(name: null, options).Failures ?? [],
        ];
    }
}
