namespace TokenBroker.Configuration;

/// <summary>Makes the sources of what is configured as a text or as a file.</summary>
internal static class ContentSources
{
    /// <summary>The text if there is one, otherwise the file. Throws if it cannot be read or means nothing, which validation has ruled out at start.</summary>
    public static ContentSource<T> Create<T>(string? text, string? path, Func<string, T> parse, WatchedFiles files, ILogger logger)
        where T : class
    {
        if (!string.IsNullOrEmpty(text))
            return new ContentSource<T>(path: null, text.Trim(), parse, logger);
        var source = new ContentSource<T>(path, SecretFile.Read(path!), parse, logger);
        files.Add(source);
        return source;
    }
}
