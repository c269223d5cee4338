using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.Issuer;

/// <summary>Lays what was asked for over the defaults.</summary>
internal static class ClaimMerge
{
    /// <summary>A member of <paramref name="changes"/> takes the default's place; a null removes it.</summary>
    /// <exception cref="ArgumentException">The changes are not a JSON object.</exception>
    public static JsonObject Over(this object? changes, JsonObject defaults)
    {
        if (changes is null)
            return defaults;
        if (JsonSerializer.SerializeToNode(changes) is not JsonObject members)
            throw new ArgumentException("Claims and headers must be an object.", nameof(changes));

        foreach (var (name, value) in members)
        {
            if (value is null)
                defaults.Remove(name);
            else
                defaults[name] = value.DeepClone();
        }

        return defaults;
    }
}
