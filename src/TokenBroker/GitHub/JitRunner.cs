namespace TokenBroker.GitHub;

/// <summary>A runner that is to be made with a just-in-time configuration, as GitHub is asked for it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="GroupId">The runner group.</param>
/// <param name="Labels">All its labels.</param>
/// <param name="WorkFolder">Where jobs run, below the runner's own folder.</param>
public sealed record JitRunner(string Name, long GroupId, IReadOnlyList<string> Labels, string WorkFolder);
