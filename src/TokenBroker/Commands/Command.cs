namespace TokenBroker.Commands;

/// <summary>Something that the broker's program does in place of serving. A new one is a class and a line in <see cref="CommandLine"/>.</summary>
internal abstract class Command
{
    /// <summary>The command's word.</summary>
    public abstract string Name { get; }

    /// <summary>One line of help.</summary>
    public abstract string Summary { get; }

    /// <summary>What its line may hold.</summary>
    public abstract IReadOnlyList<CommandOption> Options { get; }

    /// <summary>Does it. Exit code 0 for done, 1 for failed, with the reason in <paramref name="errors"/>.</summary>
    public abstract Task<int> RunAsync(CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken);
}
