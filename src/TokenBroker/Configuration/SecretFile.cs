using System.Formats.Tar;
using System.Security;

namespace TokenBroker.Configuration;

/// <summary>Reads files that hold secrets and keys.</summary>
internal static class SecretFile
{
    // See https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    private static readonly string[] SecretBeginnings =
        ["-----BEGIN", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "eyJ", "redis://", "rediss://", "MII", "LS0t"];

    private static readonly string[] RelativeBeginnings = ["./", "../", "~/"];
    private const string NoPart = "=,\"'{}<>|;";
    private const int LongestPath = 255;
    private const int LongestName = 40;

    /// <summary>What is wrong with a directory in place of a file.</summary>
    public const string IsDirectory =
        "is a directory, which Docker creates if the file of a bind mount is missing: put the file there on the host";

    private const int LargestFile = 256 * 1024;

    /// <summary>
    /// Reads a file and trims it. Throws <see cref="IOException"/> if it is empty or too large, or cannot be read a second time to see
    /// whether it has changed.
    /// </summary>
    public static string Read(string path)
    {
        if (OrdinaryFile.Require(path) is { Exists: false } && OrdinaryFile.IsUnnamedPipe(path))
            throw new IOException(OrdinaryFile.IsPipe);
        return ReadOnce(path);
    }

    /// <summary>Like <see cref="Read"/>, but the file may be a pipe: for a command, which reads it once.</summary>
    public static string ReadOnce(string path)
    {
        if (Directory.Exists(path))
            throw new IOException(IsDirectory);
        var file = new FileInfo(path);
        if (file.Exists && file.Length > LargestFile)
            throw new IOException("is too large to be a key, a token or a key set");
        var text = File.ReadAllText(path).Trim();
        return text.Length > 0 ? text : throw new IOException("is empty");
    }

    /// <summary>Reads a file at start, or adds a fault that names the file's key.</summary>
    public static string? TryRead(string path, string key, List<string> faults)
    {
        try
        {
            return Read(path);
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            faults.Add($"{key}: {Explain(path, exception)}");
            return null;
        }
    }

    /// <summary>Why a file cannot be read. The sentence holds the path only if it looks like one.</summary>
    public static string Explain(string path, Exception exception) => LooksLikePath(path)
        ? $"the file '{path}' {Describe(exception)}."
        : "looks like a secret itself. Put the secret under the key without 'Path', or a file's name here.";

    /// <summary>Whether the exception concerns the file and not this program.</summary>
    public static bool IsUnreadable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException;

    /// <summary>
    /// Whether a text may be shown as the path that it should be. A key, a token or a password in place of a path must not appear in the
    /// log, and they have too many forms to recognize: so only what looks like a path is shown.
    /// </summary>
    public static bool LooksLikePath(string text) =>
        text.Length <= LongestPath && !text.Any(character => char.IsControl(character) || NoPart.Contains(character))
        && !Array.Exists(SecretBeginnings, beginning => text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
        && (Path.IsPathRooted(text)
            || Array.Exists(RelativeBeginnings, beginning => text.StartsWith(beginning, StringComparison.Ordinal))
            || IsShortName(text));

    private static bool IsShortName(string text) => text.Length <= LongestName && Path.GetExtension(text) is { Length: > 1 and <= 6 };

    /// <summary>What is wrong with a file, without quoting it.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "is missing",
        UnauthorizedAccessException or SecurityException => "is not readable",
        IOException => exception.Message.StartsWith("is ", StringComparison.Ordinal) ? exception.Message : "is not readable",
        _ => "has an invalid path",
    };
}

/// <summary>
/// Distinguishes files from pipes and devices. Files are read several times: to validate them, to use them, and to see whether they have
/// changed. A named pipe can be read once; opening it again blocks until there is a writer.
/// </summary>
internal static class OrdinaryFile
{
    /// <summary>What is wrong with a pipe.</summary>
    public const string IsPipe = "is a pipe, which can be read only once: write its content to a file";

    /// <summary>
    /// Throws <see cref="IOException"/> for a named pipe, a device or a socket. A missing file is left to the reader to report.
    /// </summary>
    /// <returns>The file at the end of the path's links; null if there is none.</returns>
    public static FileInfo? Require(string path)
    {
        if (!File.Exists(path))
            return null;
        var file = Target(path);

        // Pipes and devices have no length; most files have one.
        if (file is not { Exists: true, Length: 0 })
            return file;
        var kind = KindOf(file.FullName);
        if (kind == TarEntryType.Fifo)
            throw new IOException(IsPipe);
        if (kind != TarEntryType.RegularFile)
            throw new IOException("is a device or a socket, not a file");
        return file;
    }

    /// <summary>
    /// Whether a path that leads to no file by name is an unnamed pipe, such as a shell's <c>&lt;(…)</c> or <c>/dev/stdin</c>: opening one
    /// never blocks.
    /// </summary>
    public static bool IsUnnamedPipe(string path)
    {
        using var stream = File.OpenRead(path);
        return !stream.CanSeek;
    }

    // The target of a link to an open descriptor is not a real name, such as pipe:[4711].
    private static FileInfo Target(string path) => (FileInfo?)File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);

    // Only .NET's tar writer shows a file's type: it examines all types and opens regular files only.
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
            // A socket, which an archive cannot hold.
            return null;
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType;
    }
}
