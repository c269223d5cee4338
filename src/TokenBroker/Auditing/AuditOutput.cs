using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TokenBroker.Auditing;

/// <summary>Where audit lines go.</summary>
/// <param name="Writer">What writes them; it throws what it cannot write.</param>
/// <param name="Gate">The lock that whoever else writes there takes, so that no line is torn by another.</param>
/// <param name="Last">Where events go that <paramref name="Writer"/> did not take when the process stops; null for nowhere.</param>
internal sealed record AuditOutput(TextWriter Writer, object Gate, TextWriter? Last = null)
{
    private const int StandardOutput = 1;

    public AuditOutput(TextWriter writer)
        : this(writer, writer)
    {
    }

    /// <summary>Standard output. The console's own writer takes one lock with the log's.</summary>
    public static AuditOutput Console()
    {
        // The console says nothing of a pipe whose reader has gone: events would be lost as if they had been written.
        var pipe = OperatingSystem.IsWindows() ? null : new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe is { CanSeek: false }
            ? new AuditOutput(new StreamWriter(pipe, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)), System.Console.Out, System.Console.Error)
            : new AuditOutput(System.Console.Out, System.Console.Out, System.Console.Error);
    }

    public void Write(string lines)
    {
        lock (Gate)
        {
            Writer.Write(lines);
            Writer.Flush();
        }
    }

    /// <summary>Writes what must not be lost with the process, and has it end with a fault.</summary>
    public void WriteLast(string lines)
    {
        if (Last is null)
            return;
        Last.Write(lines);
        Environment.ExitCode = 1;
    }
}
