namespace TokenBroker.FaultTests;

/// <summary>Boot storms one after the other, and between them single machines: for a while without a fault, then with it.</summary>
internal sealed class RedisLoad(Replicas replicas) : IDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly BootStorms boots = new(replicas);
    private Task<IReadOnlyList<BootStorms.Storm>> storms = null!;
    private Task<List<Replicas.Answer>> singles = null!;
    private TimeSpan without;

    /// <summary>Begins, and comes back when it is known how long callers wait without a fault.</summary>
    public async Task BeginAsync(TimeSpan duration)
    {
        replicas.GitHub.RateLimit = 10_000_000;

        // A process that has answered nothing yet is slow.
        using (var warm = new CancellationTokenSource(duration, TimeProvider.System))
            await boots.RunAsync(warm.Token);
        singles = AskOneByOneAsync();
        using (var sound = new CancellationTokenSource(duration, TimeProvider.System))
        {
            var first = await boots.RunAsync(sound.Token);
            Assert.InRange(first.Sum(storm => storm.Mints), first.Count, first.Count + 1);
            without = first.Max(storm => storm.Longest);
            Assert.True(without < TimeSpan.FromSeconds(2), $"The machine is too slow to tell anything: {without}.");
        }

        storms = boots.RunAsync(ending.Token);
    }

    /// <summary>Ends, and tells what there was.</summary>
    public async Task<Result> EndAsync()
    {
        await ending.CancelAsync();
        var all = await storms;
        return new Result(without, all, [.. all.SelectMany(storm => storm.Answers), .. await singles]);
    }

    public void Dispose() => ending.Dispose();

    private async Task<List<Replicas.Answer>> AskOneByOneAsync()
    {
        var scopes = replicas.AddRepositories(2_000);
        var jwt = replicas.Issuer.Sign();
        var running = new List<Task<Replicas.Answer>>();
        for (var number = 0; !ending.IsCancellationRequested; number++)
        {
            // Every other request is for a scope that nobody has asked for yet, while there are any.
            running.Add(
                replicas.AskAsync(number % replicas.Clients.Count, number % 4 < 2 ? scopes[0] : scopes[number % scopes.Count], jwt));
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, ending.Token).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing);
        }

        return [.. await Task.WhenAll(running)];
    }

    /// <summary>What callers noticed.</summary>
    /// <param name="Without">The longest wait before there was a fault.</param>
    /// <param name="Storms">The storms since.</param>
    /// <param name="Answers">All answers since.</param>
    internal sealed record Result(TimeSpan Without, IReadOnlyList<BootStorms.Storm> Storms, IReadOnlyList<Replicas.Answer> Answers)
    {
        public TimeSpan Longest => Answers.Max(answer => answer.Elapsed);
    }
}
