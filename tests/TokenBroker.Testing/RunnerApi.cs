using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Testing;

/// <summary>How tests ask for runners, and what policies they set for those who ask.</summary>
internal static class RunnerApi
{
    public const string Organization = "/orgs/octo-org/actions/runners";
    public const string Jit = Organization + "/generate-jitconfig";

    /// <summary>The three forms of a scope, at both of the addresses that clients use.</summary>
    public static TheoryData<string, string> Scopes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var scope in new[] { "repos/octo-org/hello", "orgs/octo-org", "enterprises/octo-ent" })
            {
                data.Add("", scope);
                data.Add("/api/v3", scope);
            }

            return data;
        }
    }

    /// <summary>Asks and waits for the answer, whatever it is. A body is sent as JSON, a text as it stands.</summary>
    public static async Task<ApiResponse> SendAsync(
        this TestBroker broker,
        string method,
        string path,
        object? body = null,
        Action<HttpRequestMessage>? change = null)
    {
        using var response = await broker.PostAsync(path, change: request =>
        {
            request.Method = new HttpMethod(method);
            request.Content = body switch
            {
                null => null,
                string text => new StringContent(text, Encoding.UTF8, "application/json"),
                byte[] bytes => new ByteArrayContent(bytes),
                _ => JsonContent.Create(body),
            };
            change?.Invoke(request);
        });
        return await ApiResponse.ReadAsync(response);
    }

    public static Task<ApiResponse> GetAsync(this TestBroker broker, string path, string? ifNoneMatch = null) =>
        broker.SendAsync("GET", path, change: request =>
        {
            if (ifNoneMatch is not null)
                request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        });

    /// <summary>Asks by a path that <see cref="HttpClient"/> must not tidy up.</summary>
    public static async Task<ApiResponse> SendAsWrittenAsync(this TestBroker broker, string method, string path)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            new Uri(broker.Address.GetLeftPart(UriPartial.Authority) + path, options));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + broker.Issuer.Sign());
        using var response = await broker.RunAsync(broker.Client.SendAsync(request));
        return await ApiResponse.ReadAsync(response);
    }

    /// <summary>Gives the sandbox's machines these blocks, each in a policy of its own.</summary>
    public static Action<JsonObject, TestBroker> Bound(params string[] blocks) => (configuration, _) =>
    {
        var policies = configuration["Authorization"]!["Policies"]!.AsObject();
        var former = policies["sandbox-machines"]!;
        policies.Clear();
        foreach (var (index, block) in blocks.Index())
        {
            var policy = former.DeepClone();
            policy["Runners"] = JsonNode.Parse(block);
            policies["block-" + index] = policy;
        }
    };

    /// <summary>The requests of a kind that reached GitHub, oldest first.</summary>
    public static IReadOnlyList<SandboxRequestEntry> OfKind(this SandboxRequestLog log, SandboxRequestKind kind) =>
        [.. log.Recent.Where(entry => entry.Kind == kind)];

    /// <summary>Acts as soon as a request of a kind arrives at GitHub, before it is worked on.</summary>
    public static Task WhenItArrivesAsync(this SandboxGitHub gitHub, int number, SandboxRequestKind kind, Action act) =>
        gitHub.Requests.WaitUntilAsync(
            log =>
            {
                if (log.Count(kind) < number)
                    return false;
                act();
                return true;
            },
            TestContext.Current.CancellationToken);

    public static SandboxRunner RunnerOf(this TestBroker broker, string name, string scope = "orgs/octo-org") =>
        broker.GitHub.Runners.List(scope).Single(runner => runner.Name == name);

    public static string LabelsOf(this TestBroker broker, string name) =>
        string.Join(' ', broker.RunnerOf(name).Labels.Where(label => label.Custom).Select(label => label.Name));
}
