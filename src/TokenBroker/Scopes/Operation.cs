using System.Collections.Frozen;

namespace TokenBroker.Scopes;

/// <summary>What a caller may do on a scope. <see cref="OperationNames"/> has the names that policies use.</summary>
public enum Operation
{
    /// <summary><c>registration-token</c>: for one hour, any runner can be registered on the scope.</summary>
    RegistrationToken,

    /// <summary><c>remove-token</c>: for one hour, any runner of the scope can be removed.</summary>
    RemoveToken,

    /// <summary><c>jitconfig</c>: one runner, bounded by the policy's <c>Runners</c>.</summary>
    JitConfiguration,

    /// <summary><c>read</c>: list and get runners, their labels, downloads and deprecations.</summary>
    Read,

    /// <summary><c>labels</c>: change a runner's labels.</summary>
    Labels,

    /// <summary><c>delete</c>: delete a runner.</summary>
    Delete,
}

/// <summary>Endpoint metadata: the operation that a policy must allow.</summary>
internal sealed record RequiredOperation(Operation Operation);

/// <summary>The names of operations in policies and responses.</summary>
internal static class OperationNames
{
    private static readonly FrozenDictionary<string, Operation> ByName = new Dictionary<string, Operation>(StringComparer.Ordinal)
    {
        ["registration-token"] = Operation.RegistrationToken,
        ["remove-token"] = Operation.RemoveToken,
        ["jitconfig"] = Operation.JitConfiguration,
        ["read"] = Operation.Read,
        ["labels"] = Operation.Labels,
        ["delete"] = Operation.Delete,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<Operation, string> Names = ByName.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The operations whose result outlives the request, so that a policy may count them.</summary>
    public static IReadOnlyList<Operation> Granted { get; } =
        [Operation.RegistrationToken, Operation.RemoveToken, Operation.JitConfiguration];

    /// <summary>The operations on single runners: a policy that allows one must say which runners, in its <c>Runners</c>.</summary>
    public static IReadOnlyList<Operation> Bounded { get; } = [Operation.JitConfiguration, Operation.Labels, Operation.Delete];

    /// <summary>Every name, in the order in which messages list them.</summary>
    public static IEnumerable<string> AllNames => Names.OrderBy(pair => pair.Key).Select(pair => pair.Value);

    public static bool TryParse(string? name, out Operation operation)
    {
        operation = default;
        return name is not null && ByName.TryGetValue(name, out operation);
    }

    public static string NameOf(Operation operation) => Names[operation];
}
