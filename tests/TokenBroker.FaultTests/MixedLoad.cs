using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.FaultTests;

/// <summary>Requests of every kind, each with what may be its answer while GitHub and Redis have passing faults.</summary>
internal sealed class MixedLoad(Replicas replicas, IReadOnlyList<string> coldScopes)
{
    private const string WarmScope = "orgs/octo-org";
    private readonly string[] jwts = [.. Enumerable.Range(0, 50).Select(number => replicas.Issuer.Sign(new { sub = "vm-" + number }))];
    private readonly string stranger = replicas.Issuer.Sign(new { sub = "stranger" });
    private readonly string misled = replicas.Issuer.Sign(new { aud = "elsewhere" });

    /// <summary>Has the tokens made that must be there whatever happens.</summary>
    public async Task WarmUpAsync()
    {
        foreach (var client in replicas.Clients)
        {
            foreach (var kind in new[] { "registration-token", "remove-token" })
            {
                using var response = await SendAsync(client, HttpMethod.Post, $"/{WarmScope}/actions/runners/{kind}", jwts[0]);
                response.EnsureSuccessStatusCode();
            }
        }
    }

    /// <summary>Asks one replica for something.</summary>
    public Task<Exchange> AskAsync(Random random)
    {
        var client = replicas.Clients[random.Next(replicas.Clients.Count)];
        var jwt = jwts[random.Next(jwts.Length)];
        var token = random.Next(3) == 0 ? "remove-token" : "registration-token";
        var cold = coldScopes[random.Next(coldScopes.Count)];
        return random.Next(20) switch
        {
            < 7 => AskAsync("a token that is there", client, HttpMethod.Post, $"/{WarmScope}/actions/runners/{token}", jwt, [201]),
            < 11 => AskAsync("a token that may not be there", client, HttpMethod.Post, $"/{cold}/actions/runners/{token}", jwt, [201, 503]),
            11 => AskAsync(
                "a token asked for long life",
                client,
                HttpMethod.Post,
                $"/{WarmScope}/actions/runners/{token}?min_lifetime=2700",
                jwt,
                [201]),
            12 => AskAsync("a list", client, HttpMethod.Get, $"/{cold}/actions/runners", jwt, [200, 503]),
            13 => AskAsync("downloads", client, HttpMethod.Get, $"/{cold}/actions/runners/downloads", jwt, [200, 503]),
            14 => AskAsync("a runner that is not there", client, HttpMethod.Delete, $"/{cold}/actions/runners/999999", jwt, [404, 503]),
            15 => AskAsync(
                "a configuration",
                client,
                HttpMethod.Post,
                $"/{cold}/actions/runners/generate-jitconfig?unique_name=true",
                jwt,
                [201, 503],
                new { name = "vm", runner_group_id = 1, labels = new[] { "linux" } }),
            16 => AskAsync("what no policy allows", client, HttpMethod.Post, $"/orgs/octo-two/actions/runners/{token}", jwt, [403]),
            17 => AskAsync("a stranger's request", client, HttpMethod.Post, $"/{WarmScope}/actions/runners/{token}", stranger, [403]),
            18 => AskAsync("a JWT for somebody else", client, HttpMethod.Post, $"/{WarmScope}/actions/runners/{token}", misled, [401]),
            _ => AskAsync("a bad name", client, HttpMethod.Post, $"/repos/octo-org/a.git/actions/runners/{token}", jwt, [400]),
        };
    }

    private async Task<Exchange> AskAsync(
        string kind,
        HttpClient client,
        HttpMethod method,
        string path,
        string jwt,
        int[] expected,
        object? body = null)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await SendAsync(client, method, path, jwt, body);
            var text = await response.Content.ReadAsStringAsync();
            var status = (int)response.StatusCode;
            return new Exchange(
                kind,
                status,
                Stopwatch.GetElapsedTime(started),
                WrongWith(path, status, expected, text, response.Headers) is { } wrong ? $"{kind}: {status}: {wrong}" : null);
        }
        catch (HttpRequestException exception)
        {
            return new Exchange(kind, 0, Stopwatch.GetElapsedTime(started), $"{kind}: {exception.Message}");
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client,
        HttpMethod method,
        string path,
        string jwt,
        object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", jwt);
        return await client.SendAsync(request);
    }

    private string? WrongWith(string path, int status, int[] expected, string text, HttpResponseHeaders headers)
    {
        if (!expected.Contains(status))
            return "it may be one of " + string.Join(", ", expected) + ": " + text;
        if (!headers.Contains("X-Request-Id"))
            return "it has no request id";
        if (status == 503 && headers.RetryAfter?.Delta is not { TotalSeconds: >= 1 })
            return "it does not say when to come back";
        return status == 201 && path.Contains("-token", StringComparison.Ordinal)
            ? WrongWithToken(path.Split('?')[0], JsonNode.Parse(text)!)
            : null;
    }

    private string? WrongWithToken(string path, JsonNode answer)
    {
        if (replicas.GitHub.FindRunnerToken((string)answer["token"]!) is not { } token)
            return "GitHub never made that token";
        if (!token.Path.EndsWith(path, StringComparison.OrdinalIgnoreCase))
            return $"the token is that of {token.Path}";
        return token.ExpiresAt < TimeProvider.System.GetUtcNow().AddMinutes(1) ? "the token is dead, or as good as that" : null;
    }

    /// <summary>One request and its answer.</summary>
    /// <param name="Kind">What was asked.</param>
    /// <param name="Status">The answer's status; 0 where none came.</param>
    /// <param name="Elapsed">How long it took.</param>
    /// <param name="Wrong">What is wrong with it; null if nothing is.</param>
    internal sealed record Exchange(string Kind, int Status, TimeSpan Elapsed, string? Wrong);
}
