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
    private const int StandardError = 2;

    public AuditOutput(TextWriter writer)
        : this(writer, writer)
    {
    }

    /// <summary>Standard output. The console's own writer takes one lock with the log's.</summary>
    public static AuditOutput Console()
    {
        // The console says nothing of a pipe whose reader has gone: events would be lost as if they had been written.
        // It also lets whoever writes to standard error wait for standard output.
        var last = OperatingSystem.IsWindows() ? System.Console.Error : WriterOf(StandardError);
        return OperatingSystem.IsWindows() || WriterOf(StandardOutput) is not { BaseStream.CanSeek: false } pipe
            ? new AuditOutput(System.Console.Out, System.Console.Out, last)
            : new AuditOutput(pipe, System.Console.Out, last);
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
        Environment.ExitCode = 1;
        Last.Write(lines);
        Last.Flush();
    }

    private static StreamWriter WriterOf(int descriptor) =>
        new(new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
