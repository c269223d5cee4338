using System.Security;

namespace TokenBroker.Configuration;

/// <summary>Reads the files that secrets and keys are mounted as.</summary>
internal static class SecretFile
{
    // See https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    private static readonly string[] SecretBeginnings = ["-----BEGIN", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "eyJ", "redis://", "rediss://", "MII", "LS0t"];

    private static readonly string[] RelativeBeginnings = ["./", "../", "~/"];
    private const string NoPart = "=,\"'{}<>|;";
    private const int LongestPath = 255;
    private const int LongestName = 40;

    /// <summary>What is wrong with a path that is a directory's.</summary>
    public const string IsDirectory = "is a directory, which Docker makes where the file of a bind mount is missing: put the file there on the host";

    private const int LargestFile = 256 * 1024;

    /// <summary>
    /// Reads a file without the white space around it. Throws <see cref="IOException"/> for one that is empty or no secret's size, and for what cannot be
    /// read again to see whether it has changed.
    /// </summary>
    public static string Read(string path)
    {
        OrdinaryFile.Require(path);
        if (OrdinaryFile.IsUnnamedPipe(path))
            throw new IOException(OrdinaryFile.IsPipe);
        return ReadOnce(path);
    }

    /// <summary>As <see cref="Read"/>, and may be a pipe: for a command, which reads it and is done.</summary>
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

    /// <summary>Reads a file at start, or adds a fault that names its key.</summary>
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

    /// <summary>Why a file cannot be read, in a sentence that holds its path only where that is one.</summary>
    public static string Explain(string path, Exception exception) => LooksLikePath(path)
        ? $"the file '{path}' {Describe(exception)}."
        : "holds what looks like a secret itself. Write that under the key without 'Path', or the name of a file here.";

    /// <summary>Whether the exception is about the file and not about this program.</summary>
    public static bool IsUnreadable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or SecurityException or ArgumentException or NotSupportedException;

    /// <summary>
    /// Whether a text may be shown as the path that it is meant to be. A key, a token or a password set in a path's place must not stand in the
    /// log, and they have too many shapes to know: so what is no path on the face of it is not shown.
    /// </summary>
    public static bool LooksLikePath(string text) =>
        text.Length <= LongestPath && !text.Any(character => char.IsControl(character) || NoPart.Contains(character))
        && !Array.Exists(SecretBeginnings, beginning => text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
        && (Path.IsPathRooted(text) || Array.Exists(RelativeBeginnings, beginning => text.StartsWith(beginning, StringComparison.Ordinal)) || IsShortName(text));

    private static bool IsShortName(string text) => text.Length <= LongestName && Path.GetExtension(text) is { Length: > 1 and <= 6 };

    /// <summary>What is wrong with a file, in words that hold nothing of it.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "is missing",
        UnauthorizedAccessException or SecurityException => "is not readable",
        IOException => exception.Message.StartsWith("is ", StringComparison.Ordinal) ? exception.Message : "is not readable",
        _ => "has no valid path",
    };
}
