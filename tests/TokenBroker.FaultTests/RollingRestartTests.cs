using System.Net;
using System.Net.Http.Headers;

namespace TokenBroker.FaultTests;

/// <summary>
/// Replicas go and come while callers go on. Callers are sent to replicas that say they are ready, as a load balancer does.
/// </summary>
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_rolling_restart_fails_no_request()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, redis.Address, TimeSpan.FromMilliseconds(50));
        var (answers, retries) = await CallWhileAsync(replicas, async () =>
        {
            for (var number = 0; number < 3; number++)
            {
                await replicas.Processes[number].TerminateAsync();
                Assert.Equal(0, await replicas.Processes[number].ExitCodeAsync());
                await replicas.RestartAsync(number);
                await PauseAsync();
            }
        });

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.Created, status));
        Assert.Equal(0, retries);
    }

    [Fact]
    public async Task A_killed_replica_fails_no_caller_that_retries_a_broken_connection_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, redis.Address, TimeSpan.FromMilliseconds(50));
        var (answers, _) = await CallWhileAsync(replicas, async () =>
        {
            await replicas.Processes[1].KillAsync();
            await PauseAsync();
            await replicas.RestartAsync(1);
            await PauseAsync();
        });
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.Created, status));
    }

    private async Task<(IReadOnlyList<HttpStatusCode> Answers, int Retries)> CallWhileAsync(Replicas replicas, Func<Task> happening)
    {
        using var over = new CancellationTokenSource();
        var scopes = replicas.AddRepositories(200);
        var balancer = new LoadBalancer(replicas);
        var watching = balancer.WatchAsync(over.Token);
        var callers = Enumerable.Range(0, 8)
            .Select(first => CallAsync(balancer, scopes, first, replicas.Issuer.Sign(), over.Token))
            .ToList();
        await PauseAsync();
        await happening();
        await over.CancelAsync();
        await watching;
        var answers = (await Task.WhenAll(callers)).SelectMany(caller => caller).ToList();
        output.WriteLine($"{answers.Count} requests,"
            + $" {answers.Count(status => status != HttpStatusCode.Created)} failed, {balancer.Retries} sent once more");
        // A killed replica's lock keeps all who want that scope waiting for its lease.
        Assert.True(answers.Count > 100, "There was no load.");
        return (answers, balancer.Retries);
    }

    private static async Task<List<HttpStatusCode>> CallAsync(
        LoadBalancer balancer,
        IReadOnlyList<string> scopes,
        int first,
        string jwt,
        CancellationToken over)
    {
        var answers = new List<HttpStatusCode>();
        for (var number = first; !over.IsCancellationRequested; number++)
        {
            answers.Add(await balancer.SendAsync(
                $"/{scopes[number % scopes.Count]}/actions/runners/registration-token",
                new AuthenticationHeaderValue("Bearer", jwt)));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, over).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing);
        }

        return answers;
    }

    private static Task PauseAsync() => Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);

    private sealed class LoadBalancer(Replicas replicas)
    {
        private volatile HttpClient[] ready = [.. replicas.Clients];
        private int next;
        private int retries;

        public int Retries => retries;

        /// <summary>Asks each replica five times a second whether it is ready.</summary>
        public async Task WatchAsync(CancellationToken over)
        {
            while (!over.IsCancellationRequested)
            {
                var found = new List<HttpClient>();
                foreach (var client in replicas.Clients.ToArray())
                {
                    if (await IsReadyAsync(client))
                        found.Add(client);
                }

                ready = [.. found];
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, over).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        /// <summary>Sends a request to the next that is ready, and once more to another where the connection breaks.</summary>
        public async Task<HttpStatusCode> SendAsync(string path, AuthenticationHeaderValue authorization)
        {
            var replica = Choose(ready);
            try
            {
                return await SendOnceAsync(replica, path, authorization);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref retries);
                return await SendOnceAsync(Choose([.. ready.Where(other => other != replica)]), path, authorization);
            }
        }

        private HttpClient Choose(HttpClient[] all) => all[(int)((uint)Interlocked.Increment(ref next) % all.Length)];

        private static async Task<HttpStatusCode> SendOnceAsync(HttpClient replica, string path, AuthenticationHeaderValue authorization)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            request.Headers.Authorization = authorization;
            using var response = await replica.SendAsync(request);
            return response.StatusCode;
        }

        private static async Task<bool> IsReadyAsync(HttpClient client)
        {
            try
            {
                using var response = await client.GetAsync("/readyz");
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
