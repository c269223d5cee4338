using FluentValidation;
using Microsoft.Extensions.Primitives;
using TokenBroker.Configuration;
using TokenBroker.Runners.Labels;

namespace TokenBroker.Runners.Jit;

/// <summary>The runner of a just-in-time configuration, as it was sent. A policy may fill in missing fields.</summary>
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

    public const int LongestName = 64;

    public const int LongestWorkFolder = 256;

    /// <summary>Whether the broker may add a suffix to a name that is taken.</summary>
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

internal sealed class JitRequestValidator : AbstractValidator<JitRequest>
{
    public JitRequestValidator()
    {
        RuleFor(request => request.Unique)
            .Must(sent => sent.Count == 0 || (sent.Count == 1 && bool.TryParse(sent, out _)))
            .Otherwise(JitRequest.UniqueParameter, "must be true or false, once.");
        RuleFor(request => request.IsObject).Equal(true).OtherwiseNotAnObject(request => request.HasByteOrderMark);
        RuleFor(request => request.Name.Value)
            .Must(name => name is { Length: >= 1 and <= JitRequest.LongestName } && ReadableText.Is(name))
            .OtherwiseInBody(JitRequest.NameField, $"must be 1 to {JitRequest.LongestName} visible characters.")
            .When(request => request.Name.IsGiven);
        RuleFor(request => request.GroupId.Value)
            .Must(group => group > 0)
            .OtherwiseInBody(JitRequest.GroupField, "must be a positive whole number.")
            .When(request => request.GroupId.IsGiven);
        RuleFor(request => request.Labels.Value)
            .Must(labels => LabelNames.AreValid(labels) && labels!.Count > 0)
            .OtherwiseInBody(JitRequest.LabelsField, LabelNames.Rule)
            .When(request => request.Labels.IsGiven);
        RuleFor(request => request.WorkFolder.Value)
            .Must(IsFolder)
            .OtherwiseInBody(
                JitRequest.WorkFolderField,
                $"must be a folder of 1 to {JitRequest.LongestWorkFolder} visible characters, without '..'.")
            .When(request => request.WorkFolder.IsGiven);
    }

    // A pattern's * matches '..' too, which would lead out of the runner's folder.
    private static bool IsFolder(string? folder) =>
        folder is { Length: >= 1 and <= JitRequest.LongestWorkFolder }
        && ReadableText.Is(folder)
        && !folder.Split('/', '\\').Contains("..", StringComparer.Ordinal);
}
