namespace TokenBroker.FaultTests;

/// <summary>
/// Machines that boot by the hundred, again and again: each storm wants the token of a scope that nobody has asked for yet.
/// </summary>
internal sealed class BootStorms(Replicas replicas)
{
    private const int Callers = 300;

    private readonly string[] jwts = [.. Enumerable.Range(0, Callers).Select(number => replicas.Issuer.Sign(new { sub = "vm-" + number }))];

    /// <summary>One storm after the other until it is over.</summary>
    public async Task<IReadOnlyList<Storm>> RunAsync(CancellationToken over)
    {
        var storms = new List<Storm>();
        while (!over.IsCancellationRequested)
        {
            var scope = replicas.AddRepositories(1)[0];
            var answers = await Task.WhenAll(jwts.Select((jwt, number) => replicas.AskAsync(number % replicas.Clients.Count, scope, jwt)));
            storms.Add(new Storm(
                answers,
                replicas.GitHub.Requests.Recent.Count(request => request.Path == $"/{scope}/actions/runners/registration-token")));
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, over).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing);
        }

        return storms;
    }

    /// <summary>One storm.</summary>
    internal sealed record Storm(IReadOnlyList<Replicas.Answer> Answers, int Mints)
    {
        public TimeSpan Longest => Answers.Max(answer => answer.Elapsed);
    }
}
