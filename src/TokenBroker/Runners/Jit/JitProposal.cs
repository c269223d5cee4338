using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Runners.Labels;

namespace TokenBroker.Runners.Jit;

/// <summary>What one policy's bounds make of a request: the runner to create, or the faults that forbid it.</summary>
/// <param name="Runner">The runner; null if the bounds forbid it.</param>
/// <param name="Bounds">The bounds.</param>
/// <param name="Faults">What the bounds forbid.</param>
internal sealed record JitProposal(JitRunner? Runner, RunnerBounds Bounds, IReadOnlyList<FieldFault> Faults)
{
    // GitHub's own default.
    private const string DefaultWorkFolder = "_work";

    /// <summary>
    /// Fills in missing fields for which the bounds name a single value, adds the required labels, and checks the result.
    /// </summary>
    public static JitProposal Make(JitRequest request, RunnerBounds bounds)
    {
        var faults = new List<FieldFault>();
        var name = request.Name.Value ?? OnlyValue(bounds.Names);
        var group = request.GroupId.Value ?? (bounds.GroupIds is [var only] ? only : null);
        var folder = request.WorkFolder.Value
            ?? OnlyValue(bounds.WorkFolders)
            ?? (bounds.AllowsWorkFolder(DefaultWorkFolder) ? DefaultWorkFolder : null);
        var chosen = request.Labels.Value ?? (bounds.RequiredLabels.Count == 0 && OnlyValue(bounds.Labels) is { } label ? [label] : []);
        var labels = bounds.WithRequired(chosen);

        Check(JitRequest.NameField, name, bounds.AllowsName, faults);
        Check(JitRequest.GroupField, group, id => bounds.AllowsGroup(id!.Value), faults);
        Check(JitRequest.WorkFolderField, folder, bounds.AllowsWorkFolder, faults);
        Check(JitRequest.LabelsField, labels.Count > 0 ? labels : null, _ => true, faults);
        faults.AddRange(chosen.Where(one => !bounds.AllowsLabel(one))
            .Select(one => BoundedRunners.Forbidden(JitRequest.LabelsField, $"holds '{one}', which no policy lets this caller add.")));
        if (labels.Count > LabelNames.Most)
        {
            faults.Add(BoundedRunners.Forbidden(
                JitRequest.LabelsField, $"would be more than {LabelNames.Most} with those that the policy requires."));
        }

        return new JitProposal(faults.Count == 0 ? new JitRunner(name!, group!.Value, labels, folder!) : null, bounds, faults);
    }

    private static void Check<T>(string field, T? value, Predicate<T> isAllowed, List<FieldFault> faults)
    {
        if (value is null)
            faults.Add(BoundedRunners.Missing(field));
        else if (!isAllowed(value))
            faults.Add(BoundedRunners.Forbidden(field, "is not allowed by any policy for this caller."));
    }

    private static string? OnlyValue(IReadOnlyList<Pattern> patterns) => patterns is [{ OnlyValue: { } value }] ? value : null;
}
