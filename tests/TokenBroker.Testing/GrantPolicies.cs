using System.Text.Json.Nodes;

namespace TokenBroker.Testing;

/// <summary>Brokers whose policies count, and how tests ask them.</summary>
internal static class GrantPolicies
{
    public const string Registration = "/orgs/octo-org/actions/runners/registration-token";
    public const string Remove = "/orgs/octo-org/actions/runners/remove-token";

    /// <summary>Puts policies in place of the sandbox's one: each is it, with these members in place of its own.</summary>
    public static Action<JsonObject, TestBroker> With(params string[] policies) => (configuration, _) => Replace(configuration, policies);

    public static void Replace(JsonObject configuration, params string[] policies)
    {
        var all = configuration["Authorization"]!["Policies"]!.AsObject();
        var former = all.First().Value!.DeepClone();
        all.Clear();
        foreach (var (index, members) in policies.Index())
        {
            var policy = former.DeepClone();
            foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
                policy[name] = value?.DeepClone();
            all["policy-" + index] = policy;
        }
    }

    public static async Task<ApiResponse> PostWithAsync(this TestBroker broker, string jwt, string path = Registration)
    {
        using var response = await broker.PostAsync(path, jwt);
        return await ApiResponse.ReadAsync(response);
    }

    public static ApiResponse IsUsedUp(this ApiResponse answer) => answer.IsFailure(403, "grants-used-up");
}
