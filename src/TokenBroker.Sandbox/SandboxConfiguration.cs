using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox;

/// <summary>The broker's configuration for the sandbox, as a user would write it.</summary>
public static class SandboxConfiguration
{
    /// <summary>The name of the sandbox's issuer in the configuration.</summary>
    public const string Issuer = "sandbox";

    /// <summary>
    /// Lets machines whose <c>sub</c> is <c>vm-*</c> do everything in the organization, its repositories and the enterprise.
    /// </summary>
    /// <param name="gitHub">Where the sandbox's GitHub is.</param>
    /// <param name="clientId">The client id of its App.</param>
    /// <param name="privateKeyPath">A file with the App's key.</param>
    /// <param name="enterpriseTokenPath">A file with its enterprise token.</param>
    /// <param name="issuer">Where the sandbox's issuer is.</param>
    /// <param name="redis">A Redis for several brokers to share; null for none.</param>
    public static JsonObject Create(
        Uri gitHub, string clientId, string privateKeyPath, string enterpriseTokenPath, Uri issuer, string? redis = null)
    {
        var configuration = CreateForMemory(gitHub, clientId, privateKeyPath, enterpriseTokenPath, issuer);
        if (redis is not null)
        {
            configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = redis };
            var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
            configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(key) };
        }

        return configuration;
    }

    private static JsonObject CreateForMemory(
        Uri gitHub, string clientId, string privateKeyPath, string enterpriseTokenPath, Uri issuer) => new()
        {
            ["GitHub"] = new JsonObject
            {
                ["ApiUrl"] = gitHub.GetLeftPart(UriPartial.Authority),
                ["App"] = new JsonObject { ["ClientId"] = clientId, ["PrivateKeyPath"] = privateKeyPath },
                ["EnterpriseTokenPath"] = enterpriseTokenPath,
            },
            ["Authentication"] = new JsonObject
            {
                ["Issuers"] = new JsonObject
                {
                    [Issuer] = new JsonObject
                    {
                        ["Authority"] = issuer.GetLeftPart(UriPartial.Authority),
                        ["Audiences"] = new JsonArray("token-broker"),
                        ["RequireHttpsMetadata"] = false,
                    },
                },
            },
            ["Authorization"] = new JsonObject
            {
                ["Policies"] = new JsonObject
                {
                    ["sandbox-machines"] = new JsonObject
                    {
                        ["Issuer"] = Issuer,
                        ["Claims"] = new JsonArray(new JsonObject { ["Claim"] = "sub", ["Matches"] = new JsonArray("vm-*") }),
                        ["Scopes"] = new JsonArray("orgs/octo-org", "repos/octo-org/*", "enterprises/octo-ent"),
                        ["Operations"] = new JsonArray("registration-token", "remove-token", "jitconfig", "read", "labels", "delete"),
                        ["Runners"] = new JsonObject
                        {
                            ["Names"] = new JsonArray("*"),
                            ["Labels"] = new JsonArray("*"),
                            ["GroupIds"] = new JsonArray(1, 2),
                        },
                    },
                },
            },
            ["Shutdown"] = new JsonObject { ["Delay"] = "00:00:01" },
        };
}
