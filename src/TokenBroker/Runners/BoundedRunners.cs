using System.Text.Json;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.Runners.Labels;

namespace TokenBroker.Runners;

/// <summary>
/// The <c>Runners</c> blocks of the policies that allow a request. It must fit one of them as a whole: blocks are never merged, for
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

    /// <summary>What the first block makes of the request that has nothing against it.</summary>
    /// <param name="fit">Gives what a block forbids; a request with nothing forbidden is given its result.</param>
    /// <exception cref="FailureException">Every block forbids something; told is what the nearest one does.</exception>
    public T Fit<T>(Func<RunnerBounds, (IReadOnlyList<FieldFault> Forbidden, T Result)> fit) => FitAll(fit)[0].Result;

    /// <summary>What each block that has nothing against the request makes of it, and whose block that is. There is one at least.</summary>
    /// <inheritdoc cref="Fit"/>
    public IReadOnlyList<(Policy Policy, T Result)> FitAll<T>(Func<RunnerBounds, (IReadOnlyList<FieldFault> Forbidden, T Result)> fit)
    {
        var all = blocks.Select(block => (block.Policy, Attempt: fit(block.Bounds))).ToList();
        var fitting = all.Where(one => one.Attempt.Forbidden.Count == 0).Select(one => (one.Policy, one.Attempt.Result)).ToList();
        if (fitting.Count > 0)
            return fitting;

        var tried = all.Select(one => one.Attempt).OrderBy(attempt => attempt.Forbidden.Count).ToList();

        var forbidden = tried.Count > 0 ? Few(tried[0].Forbidden) : [];
        var detail = forbidden.Count > 0 ? string.Join(' ', forbidden.Select(fault => $"'{fault.Field}' {fault.Message}")) : "No policy names runners.";
        var kind = forbidden.Count > 0 && forbidden.All(fault => fault.Code == FieldRules.Missing) ? FailureKinds.InvalidFields : FailureKinds.RunnerNotAllowed;
        throw new FailureException(new Failure(kind, detail) { Fields = forbidden });
    }

    // A request may hold a hundred labels of 256 characters, which an answer, the log and whoever reads them need not hold again.
    private static IReadOnlyList<FieldFault> Few(IReadOnlyList<FieldFault> faults)
    {
        var labels = faults.Where(fault => fault.Field == LabelsRequest.Field).ToList();
        if (labels.Count <= MostLabels)
            return faults;
        var left = FormattableString.Invariant($"has {labels.Count - MostLabels} more that no policy lets this caller give or take.");
        return [.. faults.Except(labels), .. labels.Take(MostLabels), Forbidden(LabelsRequest.Field, left)];
    }

    /// <summary>Something that no policy allows this caller.</summary>
    public static FieldFault Forbidden(string field, string message) => new(field, "forbidden", message);

    /// <summary>A runner whose name keeps it from this caller.</summary>
    public static FieldFault ForbiddenName(string verb) => Forbidden(RunnerRequest.Parameter, $"is that of a runner whose name no policy lets this caller {verb}.");

    /// <summary>Something that the caller must say, because its policy leaves a choice.</summary>
    public static FieldFault Missing(string field) => new(field, FieldRules.Missing, "is required: the policy leaves more than one choice.");
}
