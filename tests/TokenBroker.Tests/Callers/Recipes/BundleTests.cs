using System.Text.Json.Nodes;
using TokenBroker.Authentication;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>A SPIFFE trust bundle is no key set of an issuer's, though it looks like one.</summary>
public sealed class BundleTests
{
    [Theory]
    [InlineData("jwt-svid")]
    [InlineData("x509-svid")]
    public void The_keys_of_a_bundle_are_not_taken(string use)
    {
        var key = SandboxSigningKey.Create(SandboxSigningKey.Es256).ToJwk();
        Assert.Single(SigningKeys.Parse(SetOf(key)).Keys);
        key["use"] = use;
        Assert.Throws<FormatException>(() => SigningKeys.Parse(SetOf(key)));
    }

    private static string SetOf(JsonObject key) => new JsonObject { ["keys"] = new JsonArray(key.DeepClone()) }.ToJsonString();
}
