using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Labels;

/// <summary>
/// Changes the labels of runners. Labels decide which jobs a machine gets, so the runner is looked up first, and its name, the labels
/// that it gets and those that it loses must be within one policy's bounds.
/// </summary>
internal sealed class RunnerLabels(RunnerClient client)
{
    /// <summary>Gives the runner more labels.</summary>
    public async Task<GitHubAnswer> AddAsync(Scope scope, long id, IReadOnlyList<string> labels, BoundedRunners bounds, CancellationToken cancellation)
    {
        var runner = await LookUpAsync(scope, id, cancellation);
        bounds.Fit(block => (Forbidden(block, runner, given: labels, taken: []), block));
        return await client.SendLabelsAsync(scope, HttpMethod.Post, id, labels, cancellation);
    }

    /// <summary>Gives the runner these labels and the required ones in place of its custom ones; with none of either it loses them all.</summary>
    public async Task<GitHubAnswer> ReplaceAsync(Scope scope, long id, IReadOnlyList<string> labels, BoundedRunners bounds, CancellationToken cancellation)
    {
        var runner = await LookUpAsync(scope, id, cancellation);
        var replacement = bounds.Fit(block =>
        {
            var all = block.WithRequired(labels);
            return (Forbidden(block, runner, given: labels, taken: runner.CustomLabels.Except(all, StringComparer.OrdinalIgnoreCase)), all);
        });
        return replacement.Count > 0
            ? await client.SendLabelsAsync(scope, HttpMethod.Put, id, replacement, cancellation)
            : await client.RemoveLabelsAsync(scope, id, label: null, cancellation);
    }

    /// <summary>Takes a label from the runner: the one that it has, which may be written otherwise than the caller did, and must be one that a policy lets it take.</summary>
    public async Task<GitHubAnswer> RemoveAsync(Scope scope, long id, string label, BoundedRunners bounds, CancellationToken cancellation)
    {
        var runner = await LookUpAsync(scope, id, cancellation);
        var own = runner.LabelNamed(label);
        bounds.Fit(block => (Forbidden(block, runner, given: [], taken: [block.AllowsRemovalOf(label) ? own ?? label : label]), block));
        if (own is null)
            throw new FailureException(new Failure(FailureKinds.UnknownRunner, RunnerClient.NoSuchRunner(scope)));
        try
        {
            return await client.RemoveLabelsAsync(scope, id, own, cancellation);
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.UnknownRunner && runner.CustomLabels.Contains(own, StringComparer.Ordinal))
        {
            // It was there a moment ago: another took it, or this very call did, whose first answer was lost.
            return await client.GetAsync(scope, Permission.ToWrite(scope), id, below: "/labels", ifNoneMatch: null, cancellation);
        }
    }

    private async Task<ListedRunner> LookUpAsync(Scope scope, long id, CancellationToken cancellation) =>
        ListedRunner.Read(await client.GetAsync(scope, Permission.ToWrite(scope), id, below: "", ifNoneMatch: null, cancellation));

    private static List<FieldFault> Forbidden(RunnerBounds block, ListedRunner runner, IEnumerable<string> given, IEnumerable<string> taken)
    {
        var faults = new List<FieldFault>();
        if (!block.AllowsName(runner.Name))
            faults.Add(BoundedRunners.ForbiddenName("change"));
        faults.AddRange(given.Where(label => !block.AllowsLabel(label))
            .Select(label => BoundedRunners.Forbidden(LabelsRequest.Field, $"holds '{label}', which no policy lets this caller give.")));
        faults.AddRange(taken.Where(label => !block.AllowsRemovalOf(label))
            .Select(label => BoundedRunners.Forbidden(LabelsRequest.Field, $"would lose '{label}', which no policy lets this caller take.")));
        return faults;
    }
}
