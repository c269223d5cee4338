namespace TokenBroker.Configuration;

/// <summary>
/// A setting that is given as a text or as a file. A file is read again when its content changes, and the last good version stays in use
/// while the new one is bad or missing.
/// </summary>
/// <typeparam name="T">The parsed content.</typeparam>
internal sealed partial class ContentSource<T> : IWatchedFile
    where T : class
{
    private readonly string? path;
    private readonly Func<string, T> parse;
    private readonly ILogger logger;
    private string seen;
    private string inUse;
    private string? refused;

    /// <summary>Parses the text for the first time; throws if it is not valid.</summary>
    public ContentSource(string? path, string text, Func<string, T> parse, ILogger logger)
    {
        this.path = path;
        this.parse = parse;
        this.logger = logger;
        seen = inUse = text;
        Current = new Version(parse(text), Number: 1);
    }

    /// <summary>The last good version, replaced as a whole.</summary>
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

    // A half-written or missing file must not remove the good version. A parser's message may quote the file, so only its type is logged.
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

        [LoggerMessage(2, LogLevel.Information, "{Path} is back to the version in use")]
        public static partial void Restored(ILogger logger, string path);

        [LoggerMessage(3, LogLevel.Warning, "{Path} cannot be used: {Fault} The last good version stays in use")]
        public static partial void Unusable(ILogger logger, string path, string fault);
    }
}

/// <summary>Creates content sources.</summary>
internal static class ContentSources
{
    /// <summary>
    /// Uses the text if there is one, otherwise the file. Throws if it cannot be read or parsed, which validation rules out at start.
    /// </summary>
    public static ContentSource<T> Create<T>(
        string? text, string? path, Func<string, T> parse, WatchedFiles files, ILogger logger)
        where T : class
    {
        if (!string.IsNullOrEmpty(text))
            return new ContentSource<T>(path: null, text.Trim(), parse, logger);
        var source = new ContentSource<T>(path, SecretFile.Read(path!), parse, logger);
        files.Add(source);
        return source;
    }
}

/// <summary>
/// A configured text cannot be used. The message says why and what to do, without quoting the text, which may be a secret.
/// </summary>
internal sealed class UnusableContentException(string message) : Exception(message);
