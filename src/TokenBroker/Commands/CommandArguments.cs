namespace TokenBroker.Commands;

/// <summary>What a command's line said.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <exception cref="CommandFaultException">The line holds something else than these options, one twice, or lacks a required one.</exception>
    public static CommandArguments Parse(IReadOnlyList<string> words, IReadOnlyList<CommandOption> options)
    {
        var arguments = new CommandArguments();
        for (var index = 0; index < words.Count; index++)
        {
            var (name, value) = words[index].Split('=', 2) is [var before, var after] ? (before, after) : (words[index], null);
            if (options.FirstOrDefault(option => option.Name == name) is not { } known)
                throw new CommandFaultException($"'{name}' is not known.");
            if (known.Value.Length == 0)
                value = value is null ? "" : throw new CommandFaultException($"{name} takes no value.");
            value ??= ++index < words.Count ? words[index] : throw new CommandFaultException($"{name} needs a value.");
            if (known.Value.Length > 0 && value.Length == 0)
                throw new CommandFaultException($"{name} needs a value.");
            if (!arguments.values.TryAdd(name, value))
                throw new CommandFaultException($"{name} is given twice.");
        }

        foreach (var option in options.Where(option => option.IsRequired && !arguments.values.ContainsKey(option.Name)))
            throw new CommandFaultException($"{option.Name} is missing.");
        return arguments;
    }

    public bool Has(CommandOption option) => values.ContainsKey(option.Name);

    public string? Find(CommandOption option) => values.GetValueOrDefault(option.Name);

    public string Get(CommandOption option) => values[option.Name];
}
