using System.Globalization;
using TokenBroker.Authorization;

namespace TokenBroker.Benchmarks;

/// <summary>What the policies of an issuer have in common; each of them is for one service.</summary>
public enum PolicyShape
{
    /// <summary>Each names one repository, whole.</summary>
    Literal,

    /// <summary>Each names what a claim begins with: <c>repo:octo-org/service-0001:*</c>.</summary>
    Beginning,

    /// <summary>Each names what a claim ends with, by which nothing is found: all are tried.</summary>
    Ending,

    /// <summary>Each names one repository, and its scope is the caller's own claim.</summary>
    Template,

    /// <summary>All are for the same callers and differ in their scope.</summary>
    SameClaims,
}

/// <summary>Policies of a shape, and callers that one of them each is for.</summary>
internal static class PolicyShapes
{
    public static PolicyListOptions Options(PolicyShape shape, int count, string issuer)
    {
        var options = new PolicyListOptions();
        for (var number = 0; number < count; number++)
            options.Policies.Add(Name(number), Policy(shape, number, count, issuer));
        return options;
    }

    /// <summary>The claims of a caller of the policy with this number, beside those that every JWT has.</summary>
    public static object Claims(int number) => new
    {
        sub = $"repo:octo-org/{Name(number)}:ref:refs/heads/main",
        repository = $"octo-org/{Name(number)}",
        owner = "octo-org",
        environment = "production",
        home = "octo-org",
    };

    private static PolicyOptions Policy(PolicyShape shape, int number, int count, string issuer)
    {
        var claim = shape switch
        {
            PolicyShape.Beginning => Claim("sub", $"repo:octo-org/{Name(number)}:*/*/*"),
            PolicyShape.Ending => Claim("repository", $"*/{Name(number)}"),
            PolicyShape.SameClaims => Claim("environment", "production"),
            _ => Claim("repository", $"octo-org/{Name(number)}"),
        };

        // What is asked for is an organization's token; where only the scope tells the policies apart, the last one allows it.
        var scope = shape switch
        {
            PolicyShape.Template => "orgs/{/home}",
            PolicyShape.SameClaims when number < count - 1 => $"repos/octo-org/{Name(number)}",
            _ => "orgs/octo-org",
        };
        return new PolicyOptions
        {
            Issuer = issuer,
            Claims = { Claim("owner", "octo-org"), Claim("environment", "production"), claim },
            Scopes = { scope },
            Operations = { "registration-token" },
        };
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"service-{number:0000}");

    private static ClaimOptions Claim(string claim, string pattern) => new() { Claim = claim, Matches = { pattern } };
}
