using Microsoft.Extensions.Primitives;

namespace TokenBroker.Runners.Jit;

/// <summary>The runner that a just-in-time configuration is asked for, as it was sent. What is left out may be said by a policy.</summary>
internal sealed record JitRequest(
    bool IsObject,
    BodyField<string> Name,
    BodyField<long?> GroupId,
    BodyField<IReadOnlyList<string>> Labels,
    BodyField<string> WorkFolder,
    StringValues Unique,
    bool HasByteOrderMark)
{
    public const string NameField = "name";
    public const string GroupField = "runner_group_id";
    public const string LabelsField = "labels";
    public const string WorkFolderField = "work_folder";
    public const string UniqueParameter = "unique_name";

    /// <summary>The longest name of a runner.</summary>
    public const int LongestName = 64;

    public const int LongestWorkFolder = 256;

    /// <summary>Whether the broker may add to the name to make it one that is not taken.</summary>
    public bool WantsUniqueName => bool.TryParse(Unique, out var wanted) && wanted;

    public static async ValueTask<JitRequest?> BindAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context);
        return new JitRequest(
            body.IsObject,
            body.Text(NameField),
            body.Number(GroupField),
            body.Texts(LabelsField),
            body.Text(WorkFolderField),
            context.Request.Query[UniqueParameter],
            body.HasByteOrderMark);
    }
}
