using System.Collections.Frozen;

namespace TokenBroker.Scopes;

/// <summary>What a caller may do on a scope. The names in a policy are those of <see cref="OperationNames"/>.</summary>
public enum Operation
{
    /// <summary><c>registration-token</c>: an hour's power to register any runner on the scope.</summary>
    RegistrationToken,

    /// <summary><c>remove-token</c>: an hour's power to remove any runner of the scope.</summary>
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

/// <summary>What an endpoint does, which a policy must allow.</summary>
internal sealed record RequiredOperation(Operation Operation);

/// <summary>The operations under the names that policies and answers use.</summary>
public static class OperationNames
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

    /// <summary>The operations that give something which outlives the request, and which a policy may therefore count.</summary>
    public static IReadOnlyList<Operation> Granted { get; } = [Operation.RegistrationToken, Operation.RemoveToken, Operation.JitConfiguration];

    /// <summary>Every name, for messages.</summary>
    public static IEnumerable<string> AllNames => Names.OrderBy(pair => pair.Key).Select(pair => pair.Value);

    /// <summary>Finds an operation by its exact name.</summary>
    public static bool TryParse(string? name, out Operation operation)
    {
        operation = default;
        return name is not null && ByName.TryGetValue(name, out operation);
    }

    /// <summary>The name of an operation.</summary>
    public static string NameOf(Operation operation) => Names[operation];
}
