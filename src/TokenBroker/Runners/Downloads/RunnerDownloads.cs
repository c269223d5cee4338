using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using TokenBroker.Caching;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Downloads;

/// <summary>
/// The downloads of the runner application. A fleet that boots requests them all at once, and they change only with a release, so one
/// answer serves a scope for five minutes.
/// </summary>
internal sealed class RunnerDownloads(RunnerClient client, GitHubClock clock) : IDisposable
{
    private const long LargestMemory = 32 * 1024 * 1024;
    private const long SmallestEntry = 1024;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(14.5);

    private readonly SingleFlight<GitHubAnswer> requests = new(clock, "runner downloads");
    private readonly MemoryCache kept = new(new MemoryCacheOptions { SizeLimit = LargestMemory });

    /// <summary>GitHub's answer, from memory if it is there.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="cancellation">Cancels this caller's wait.</param>
    public async Task<GitHubAnswer> GetAsync(Scope scope, CancellationToken cancellation) =>
        Recall(scope)
        ?? await requests.RunAsync(scope.Path, Deadline, token => AskAsync(scope, token), StartPermit.Current).WaitAsync(cancellation);

    /// <summary>Whether the answer holds a token: then it must not be stored, here or on its way.</summary>
    public static bool IsSecret(GitHubAnswer answer) => HoldsToken(answer.Json);

    public void Dispose() => kept.Dispose();

    private async Task<GitHubAnswer> AskAsync(Scope scope, CancellationToken cancellation)
    {
        if (Recall(scope) is { } known)
            return known;
        var answer = await client.DownloadsAsync(scope, cancellation);

        // A token there has no expiry, so there is no telling how long it would be good.
        if (!IsSecret(answer))
        {
            var entry = new MemoryCacheEntryOptions { Size = SizeOf(answer), AbsoluteExpirationRelativeToNow = KeptFor };
            kept.Set(scope.Path, new Memory(answer, clock.GetTimestamp()), entry);
        }

        return answer;
    }

    // It is stored raw and parsed, with its headers, and an empty answer takes memory too.
    private static long SizeOf(GitHubAnswer answer) =>
        SmallestEntry + (2 * answer.Content.Length) + (4 * answer.Headers.Sum(header => header.Key.Length + header.Value.Length));

    private GitHubAnswer? Recall(Scope scope) =>
        kept.TryGetValue(scope.Path, out Memory? memory) && clock.GetElapsedTime(memory!.Since) < KeptFor ? memory.Answer : null;

    private static bool HoldsToken(JsonElement body) =>
        body.ValueKind != JsonValueKind.Array
        || body.EnumerateArray().Any(entry => entry.ValueKind != JsonValueKind.Object
            || (entry.TryGetProperty("temp_download_token", out var token) && token.ValueKind != JsonValueKind.Null));

    private sealed record Memory(GitHubAnswer Answer, long Since);
}
