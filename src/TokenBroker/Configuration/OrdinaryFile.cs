using System.Formats.Tar;

namespace TokenBroker.Configuration;

/// <summary>
/// Tells a file from a pipe or a device. What is read at start is read again: to validate it, to use it, to see whether it has changed. A named
/// pipe gives its content once, and whoever opens it again waits for a writer for ever.
/// </summary>
internal static class OrdinaryFile
{
    /// <summary>What is wrong with a pipe.</summary>
    public const string IsPipe = "is a pipe, which can be read only once: write it to a file";

    /// <summary>Throws <see cref="IOException"/> for a named pipe, a device and a socket. What is missing is for the reader to find.</summary>
    public static void Require(string path)
    {
        // Those have no length, and most files have one.
        if (!File.Exists(path) || Target(path) is not { Exists: true, Length: 0 } file)
            return;
        var kind = KindOf(file.FullName);
        if (kind == TarEntryType.Fifo)
            throw new IOException(IsPipe);
        if (kind != TarEntryType.RegularFile)
            throw new IOException("is a device or a socket, and no file");
    }

    /// <summary>Whether it is a pipe without a name, such as a shell's <c>&lt;(…)</c> and <c>/dev/stdin</c>: opening one never waits.</summary>
    public static bool IsUnnamedPipe(string path)
    {
        if (!File.Exists(path) || Target(path).Exists)
            return false;
        using var stream = File.OpenRead(path);
        return !stream.CanSeek;
    }

    // Links to what is open already end in a name that is none, such as pipe:[4711].
    private static FileInfo Target(string path) => (FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);

    // .NET tells the kind of a file to nobody but the writer of archives, which looks at all of them and opens only files.
    private static TarEntryType? KindOf(string path)
    {
        using var archive = new MemoryStream();
        try
        {
            using var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
            writer.WriteEntry(path, entryName: "file");
        }
        catch (IOException exception) when (exception is not FileNotFoundException)
        {
            // A socket, which no archive holds.
            return null;
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType;
    }
}
