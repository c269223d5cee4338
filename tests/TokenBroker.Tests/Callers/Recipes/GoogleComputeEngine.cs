using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://cloud.google.com/compute/docs/instances/verifying-instance-identity.</summary>
internal static class GoogleComputeEngine
{
    public static Platform Machine { get; } = new(
        "Google Compute Engine",
        "Google Compute Engine",
        "https://accounts.google.com",
        Platforms.Organization,
        "4567890123456789012",
        now => new JsonObject
        {
            ["iss"] = "https://accounts.google.com",
            ["aud"] = "https://broker.example",
            ["azp"] = "113040847111111111111",
            ["sub"] = "113040847111111111111",
            ["email"] = "runner@ci-prod.iam.gserviceaccount.com",
            ["email_verified"] = true,
            ["iat"] = now,
            ["exp"] = now + 3600,
            ["nbf"] = null,
            ["jti"] = null,
            ["google"] = new JsonObject
            {
                ["compute_engine"] = new JsonObject
                {
                    ["project_id"] = "ci-prod",
                    ["project_number"] = 739419398126,
                    ["zone"] = "europe-west3-a",
                    ["instance_id"] = "4567890123456789012",
                    ["instance_name"] = "runner-7",
                    ["instance_creation_timestamp"] = now - 90,
                },
            },
        },
        [
            new("another project", claims => Engine(claims)["project_id"] = "ci-prod-2"),
            new("no format=full", claims => claims.Remove("google")),
            new("a machine of yesterday", claims => Engine(claims)["instance_creation_timestamp"] = (long)claims["iat"]! - 86400),
            new("a machine without a time of creation", claims => Engine(claims).Remove("instance_creation_timestamp")),
            NearMiss.AnotherAudience("https://vault.example"),
        ]);

    private static JsonObject Engine(JsonObject claims) => claims["google"]!["compute_engine"]!.AsObject();
}
