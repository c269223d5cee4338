using System.Text.Json;

namespace TokenBroker.GitHub;

/// <summary>The App's installation on an account.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Account">The account; null where GitHub did not describe it.</param>
/// <param name="IsSuspended">Whether the account's owner has suspended it.</param>
/// <param name="Permissions">What the account's owner has granted.</param>
internal sealed record Installation(long Id, Account? Account, bool IsSuspended, JsonElement Permissions)
{
    /// <summary>Reads GitHub's answer; null if it is none.</summary>
    public static Installation? Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number))
            return null;
        var isSuspended = body.TryGetProperty("suspended_at", out var suspended) && suspended.ValueKind == JsonValueKind.String;
        return new Installation(number, Account.Read(body), isSuspended, body.TryGetProperty("permissions", out var permissions) ? permissions : default);
    }

    /// <summary>Whether the account's owner has granted the permission; an answer that lists none does not say no.</summary>
    public bool Grants(Permission permission) =>
        Permissions.ValueKind != JsonValueKind.Object
        || (Permissions.TryGetProperty(permission.Name, out var granted) && granted.ValueKind == JsonValueKind.String && permission.IsGrantedBy(granted.GetString()));
}
