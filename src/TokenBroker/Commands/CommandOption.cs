namespace TokenBroker.Commands;

/// <summary>One thing that a command's line may say: <c>--name VALUE</c> or <c>--name=VALUE</c>, or <c>--name</c> alone.</summary>
/// <param name="Name">With its hyphens: <c>--scope</c>.</param>
/// <param name="Value">What stands for the value in the help; empty for one that has none.</param>
/// <param name="Meaning">One line of help.</param>
/// <param name="IsRequired">Whether the command makes no sense without it.</param>
internal sealed record CommandOption(string Name, string Value, string Meaning, bool IsRequired = false);
