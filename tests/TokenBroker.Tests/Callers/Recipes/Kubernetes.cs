using System.Text.Json.Nodes;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/.</summary>
internal static class Kubernetes
{
    private const string Member = "kubernetes.io";
    private const string Cluster = "https://kubernetes.default.svc.cluster.local";

    public static Platform WithPublicIssuer { get; } =
        Of("Kubernetes, a public issuer", "A cluster with a public issuer", "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789AB"
            + "CDEF0123456789ABCDEF");

    public static Platform WithKeyFile { get; } = Of("Kubernetes, keys by file", "A private cluster, by a file of its keys", Cluster);

    public static Platform InItsOwnCluster { get; } = Of(
        "Kubernetes, the broker's own cluster",
        "The broker's own cluster, by its API server",
        Cluster);

    private static Platform Of(string name, string heading, string issuer) => new(
        name,
        heading,
        issuer,
        Platforms.Organization,
        "0d8b260e-ef0e-45fb-be8e-ff44f97722e8",
        now => new JsonObject
        {
            ["iss"] = issuer,
            ["aud"] = new JsonArray("token-broker"),
            ["sub"] = "system:serviceaccount:runners:runner",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 600,
            ["jti"] = "e51f1fbc-4733-4b85-a59f-ba80c0523874",
            [Member] = new JsonObject
            {
                ["namespace"] = "runners",
                ["node"] = new JsonObject { ["name"] = "node-1", ["uid"] = "517eb86e-b863-451b-bf70-86cb61439a3a" },
                ["pod"] = new JsonObject { ["name"] = "runner-7", ["uid"] = "0d8b260e-ef0e-45fb-be8e-ff44f97722e8" },
                ["serviceaccount"] = new JsonObject { ["name"] = "runner", ["uid"] = "e6a8680e-d103-4cce-80ea-03acbbeacf7d" },
            },
        },
        [
            new("another namespace", claims =>
            {
                claims["sub"] = "system:serviceaccount:default:runner";
                claims[Member]!["namespace"] = "default";
            }),
            new("another service account", claims =>
            {
                claims["sub"] = "system:serviceaccount:runners:default";
                claims[Member]!["serviceaccount"]!["name"] = "default";
            }),
            new("another cluster of the same issuer", _ => { }, AuthenticationAssertions.BadSignature) { IsByAnotherKey = true },
            new("the token that every pod has", claims => claims["aud"] = new JsonArray(issuer), AuthenticationAssertions.WrongAudience),
            new("a token of an old kind, of a Secret", claims =>
            {
                claims["iss"] = "kubernetes/serviceaccount";
                claims.Remove(Member);
            }, AuthenticationAssertions.UnknownIssuer),
            NearMiss.TooOld(700),
        ]);
}
