using System.Text.Json;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.Runners.Labels;

namespace TokenBroker.Runners;

/// <summary>
/// The <c>Runners</c> blocks of the policies that allow a request. The request must fit one of them as a whole. Blocks are never merged:
/// together they would allow what none of them does.
/// </summary>
internal sealed class BoundedRunners
{
    private const int MostLabels = 5;

    private readonly IReadOnlyList<(Policy Policy, RunnerBounds Bounds)> blocks;

    /// <param name="policies">The policies that allow the request.</param>
    /// <param name="claims">The caller's claims, which templates in the blocks stand for.</param>
    public BoundedRunners(IReadOnlyList<Policy> policies, JsonElement claims) =>

        // A policy that allows such an operation without bounds is a configuration fault; should one get here, it allows no runner.
        blocks = [.. policies.Where(policy => policy.Runners is not null).Select(policy => (policy, policy.Runners!.For(claims)))];

    /// <summary>Fits the request into the first block that allows all of it.</summary>
    /// <param name="fit">Returns what a block forbids, and the result if it forbids nothing.</param>
    /// <exception cref="FailureException">Every block forbids something; the failure names what the nearest one forbids.</exception>
    public T Fit<T>(Func<RunnerBounds, (IReadOnlyList<FieldFault> Forbidden, T Result)> fit) => FitAll(fit)[0].Result;

    /// <summary>Fits the request into every block that allows all of it: at least one.</summary>
    /// <inheritdoc cref="Fit"/>
    public IReadOnlyList<(Policy Policy, T Result)> FitAll<T>(Func<RunnerBounds, (IReadOnlyList<FieldFault> Forbidden, T Result)> fit)
    {
        var all = blocks.Select(block => (block.Policy, Attempt: fit(block.Bounds))).ToList();
        var fitting = all.Where(one => one.Attempt.Forbidden.Count == 0).Select(one => (one.Policy, one.Attempt.Result)).ToList();
        if (fitting.Count > 0)
            return fitting;

        var tried = all.Select(one => one.Attempt).OrderBy(attempt => attempt.Forbidden.Count).ToList();

        var forbidden = tried.Count > 0 ? Few(tried[0].Forbidden) : [];
        var detail = forbidden.Count > 0
            ? string.Join(' ', forbidden.Select(fault => $"'{fault.Field}' {fault.Message}"))
            : "No policy names runners.";
        var kind = forbidden.Count > 0 && forbidden.All(fault => fault.Code == FieldRules.Missing)
            ? FailureKinds.InvalidFields
            : FailureKinds.RunnerNotAllowed;
        throw new FailureException(new Failure(kind, detail) { Fields = forbidden });
    }

    // A request may hold a hundred labels of 256 characters, which the answer and the log need not repeat.
    private static IReadOnlyList<FieldFault> Few(IReadOnlyList<FieldFault> faults)
    {
        var labels = faults.Where(fault => fault.Field == LabelsRequest.Field).ToList();
        if (labels.Count <= MostLabels)
            return faults;
        var left = FormattableString.Invariant($"has {labels.Count - MostLabels} more that no policy lets this caller add or remove.");
        return [.. faults.Except(labels), .. labels.Take(MostLabels), Forbidden(LabelsRequest.Field, left)];
    }

    public static FieldFault Forbidden(string field, string message) => new(field, "forbidden", message);

    public static FieldFault ForbiddenName(string verb) =>
        Forbidden(RunnerRequest.Parameter, $"identifies a runner that no policy lets this caller {verb}, by its name.");

    public static FieldFault Missing(string field) =>
        new(field, FieldRules.Missing, "is required: the policy leaves more than one choice.");
}
