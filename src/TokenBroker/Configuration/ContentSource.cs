namespace TokenBroker.Configuration;

/// <summary>
/// Something that is configured as a text or as a file. A file is read again when its content changes, and the last good version
/// stays in use while a new one is bad or missing.
/// </summary>
/// <typeparam name="T">What the text means.</typeparam>
internal sealed partial class ContentSource<T> : IWatchedFile
    where T : class
{
    private readonly string? path;
    private readonly Func<string, T> parse;
    private readonly ILogger logger;
    private string seen;
    private string inUse;
    private string? refused;

    /// <summary>Reads the text for the first time; throws if it means nothing.</summary>
    public ContentSource(string? path, string text, Func<string, T> parse, ILogger logger)
    {
        this.path = path;
        this.parse = parse;
        this.logger = logger;
        seen = inUse = text;
        Current = new Version(parse(text), Number: 1);
    }

    /// <summary>The last good version, swapped whole.</summary>
    public Version Current { get; private set; }

    public void Poll()
    {
        try
        {
            var text = SecretFile.Read(path!);
            if (text == seen && refused is null)
                return;
            if (text == inUse)
            {
                Log.Restored(logger, path!);
            }
            else if (text != seen)
            {
                seen = text;
                Current = new Version(parse(text), Current.Number + 1);
                inUse = text;
                Log.Replaced(logger, path!);
            }

            seen = text;
            refused = null;
        }
        catch (Exception exception)
        {
            Refuse(exception);
        }
    }

    // A half-written or withdrawn file must not take the good version away. What a parser says of it may quote it, so only its type is told.
    private void Refuse(Exception exception)
    {
        var fault = exception switch
        {
            UnusableContentException => "it " + exception.Message,
            _ when SecretFile.IsUnreadable(exception) => SecretFile.Describe(exception) + ".",
            _ => exception.GetType().Name + ".",
        };
        if (fault == refused)
            return;
        refused = fault;
        Log.Unusable(logger, path!, fault);
    }

    /// <summary>One version of the content.</summary>
    public sealed record Version(T Value, int Number);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Path} changed and is in use")]
        public static partial void Replaced(ILogger logger, string path);

        [LoggerMessage(2, LogLevel.Information, "{Path} is again what is in use")]
        public static partial void Restored(ILogger logger, string path);

        [LoggerMessage(3, LogLevel.Warning, "{Path} cannot be used: {Fault} The last good version stays in use")]
        public static partial void Unusable(ILogger logger, string path, string fault);
    }
}
