using System.Globalization;
using System.Text.Json.Nodes;

namespace TokenBroker.Testing;

/// <summary>A broker whose GitHub is about to fail, and how its callers ask it.</summary>
internal static class TokenRequests
{
    public const string Organization = "orgs/octo-org";
    public const string OtherOrganization = "orgs/octo-two";
    public const string Repository = "repos/octo-org/hello";
    public const string OtherRepository = "repos/octo-org/other";
    public const string Enterprise = "enterprises/octo-ent";

    /// <summary>With a clock that stands still, a second repository, and a policy for both organizations.</summary>
    public static async Task<TestBroker> StartBrokerAsync(Action<JsonObject, TestBroker>? configure = null)
    {
        var broker = await TestBroker.StartAsync(
            (configuration, host) =>
            {
                configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Scopes"]!.AsArray().Add(OtherOrganization);
                configure?.Invoke(configuration, host);
            },
            new ManualClock());
        broker.GitHub.Accounts.AddRepository("octo-org", "other");
        return broker;
    }

    /// <summary>Asks for a token and waits for the answer, whatever it is.</summary>
    public static async Task<TokenResponse> RequestTokenAsync(
        this TestBroker broker,
        string scope,
        string kind = "registration",
        int? minimumLifetime = null)
    {
        var query = minimumLifetime is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"?min_lifetime={seconds}") : "";
        using var response = await broker.PostAsync($"/{scope}/actions/runners/{kind}-token{query}");
        return await TokenResponse.ReadAsync(response);
    }

    /// <summary>Asks without moving the clock: somebody else does, or nobody.</summary>
    public static async Task<TokenResponse> RequestTokenWithoutClockAsync(
        this TestBroker broker,
        string scope,
        string kind = "registration")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{scope}/actions/runners/{kind}-token");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + broker.Issuer.Sign());
        using var response = await broker.Client.SendAsync(request);
        return await TokenResponse.ReadAsync(response);
    }

    public static void Advance(this TestBroker broker, double seconds) => broker.Clock!.Advance(TimeSpan.FromSeconds(seconds));
}
