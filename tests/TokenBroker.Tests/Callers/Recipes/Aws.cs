using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html.</summary>
internal static class Aws
{
    private const string Namespace = "https://sts.amazonaws.com/";
    private const string Instance = "arn:aws:ec2:eu-central-1:123456789012:instance/i-0abc123def4567890";

    public static Platform Machine { get; } = new(
        "AWS",
        "AWS",
        "https://a1b2c3d4-0000-1111-2222-333344445555.tokens.sts.global.api.aws",
        Platforms.Organization,
        Instance,
        now => new JsonObject
        {
            ["iss"] = "https://a1b2c3d4-0000-1111-2222-333344445555.tokens.sts.global.api.aws",
            ["aud"] = "https://broker.example",
            ["sub"] = "arn:aws:iam::123456789012:role/ci-runner",
            ["iat"] = now,
            ["exp"] = now + 300,
            ["nbf"] = null,
            ["jti"] = "c9c99a1c-5763-4db3-87c4-b96d4749b0d0",
            [Namespace] = new JsonObject
            {
                ["aws_account"] = "123456789012",
                ["source_region"] = "eu-central-1",
                ["org_id"] = "o-abc1234567",
                ["ou_path"] = new JsonArray("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
                ["principal_id"] = "arn:aws:iam::123456789012:role/ci-runner",
                ["principal_tags"] = new JsonObject { ["team"] = "build" },
                ["ec2_source_instance_arn"] = Instance,
                ["ec2_instance_source_vpc"] = "vpc-0123456789abcdef0",
                ["ec2_instance_source_private_ipv4"] = "172.31.1.146",
                ["ec2_role_delivery"] = "2.0",
            },
        },
        [
            new("another account", claims =>
            {
                claims["iss"] = "https://ffffffff-0000-1111-2222-333344445555.tokens.sts.global.api.aws";
                claims["sub"] = "arn:aws:iam::210987654321:role/ci-runner";
                claims[Namespace]!["aws_account"] = "210987654321";
            }, AuthenticationAssertions.UnknownIssuer),
            new("another account by its claim", claims => claims[Namespace]!["aws_account"] = "210987654321"),
            new("another role", claims => claims["sub"] = "arn:aws:iam::123456789012:role/ci-runner-2"),
            new("somebody who assumed the role elsewhere", claims => claims[Namespace]!.AsObject().Remove("ec2_source_instance_arn")),
            new("the claims at the top level, as tags may put them", claims =>
            {
                claims["aws_account"] = "123456789012";
                claims[Namespace] = new JsonObject
                {
                    ["request_tags"] = new JsonObject { ["aws_account"] = "123456789012", ["ec2_source_instance_arn"] = Instance },
                };
            }),
            NearMiss.AnotherAudience("https://api.example.com"),
            NearMiss.TooOld(400),
        ])
    {
        Algorithm = SandboxSigningKey.Es384,
    };
}
