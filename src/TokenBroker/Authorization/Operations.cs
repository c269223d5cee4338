using System.Collections.Frozen;

namespace TokenBroker.Authorization;

/// <summary>The operations under the names that policies and answers use.</summary>
public static class Operations
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
