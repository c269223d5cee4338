using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Labels;

/// <summary>
/// Changes the labels of runners. Labels decide which jobs a machine gets, so the runner is looked up first: its name, the labels that it
/// gains and those that it loses must fit one policy's bounds.
/// </summary>
internal sealed class RunnerLabels(RunnerClient client)
{
    public async Task<GitHubAnswer> AddAsync(
        Scope scope, long id, IReadOnlyList<string> labels, BoundedRunners bounds, CancellationToken cancellation)
    {
        var runner = await LookUpAsync(scope, id, cancellation);
        bounds.Fit(block => (Forbidden(block, runner, given: labels, taken: []), block));
        return await client.SendLabelsAsync(scope, HttpMethod.Post, id, labels, cancellation);
    }

    /// <summary>Replaces the runner's custom labels with these and the required ones; with neither, it loses all of them.</summary>
    public async Task<GitHubAnswer> ReplaceAsync(
        Scope scope, long id, IReadOnlyList<string> labels, BoundedRunners bounds, CancellationToken cancellation)
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

    /// <summary>
    /// Removes a label as the runner has it, which may differ in case from the caller's spelling. A policy must allow that.
    /// </summary>
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
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.UnknownRunner
            && runner.CustomLabels.Contains(own, StringComparer.Ordinal))
        {
            // It existed a moment ago: another caller removed it, or this very call did and its first answer was lost.
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
            .Select(label => BoundedRunners.Forbidden(LabelsRequest.Field, $"holds '{label}', which no policy lets this caller add.")));
        faults.AddRange(taken.Where(label => !block.AllowsRemovalOf(label))
            .Select(label => BoundedRunners.Forbidden(
                LabelsRequest.Field, $"would lose '{label}', which no policy lets this caller remove.")));
        return faults;
    }
}
