using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace TokenBroker.Configuration;

/// <summary>Why the process does not start: one line per fault.</summary>
internal static class StartupFaults
{
    private const string Listening = "ASPNETCORE_URLS or Kestrel:Endpoints";

    /// <summary>Runs the program. A bad configuration lists its faults and exits with code 1.</summary>
    public static async Task<int> ReportAsync(Func<Task> program)
    {
        try
        {
            await program();
            return Environment.ExitCode;
        }
        catch (Exception exception) when (From(exception) is { Count: > 0 } faults)
        {
            Print(faults, Console.Error);
            return 1;
        }
    }

    /// <summary>The configuration faults behind an exception; empty for any other exception.</summary>
    public static IReadOnlyList<string> From(Exception exception) => [.. Find(exception).Distinct(StringComparer.Ordinal)];

    public static void Print(IReadOnlyList<string> faults, TextWriter writer)
    {
        writer.WriteLine($"The broker does not start: {faults.Count} fault{(faults.Count == 1 ? "" : "s")} in its configuration.");
        foreach (var fault in faults)
            writer.WriteLine("  " + fault);
    }

    private static IEnumerable<string> Find(Exception exception) => exception switch
    {
        OptionsValidationException options => options.Failures,
        AggregateException several => several.InnerExceptions.SelectMany(Find),
        StartupFaultException fault => [fault.Message],
        IOException { InnerException: AddressInUseException } used => [$"{Listening}: {used.Message}"],
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            [Listening + ": this machine does not have the address. Use http://*:8080 to listen on all of its addresses."],
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            [Listening + ": this user may not listen on that port. Use one from 1024 upward, such as http://*:8080."],
        InvalidOperationException when exception.Message.StartsWith("Configuration value '", StringComparison.Ordinal) =>
            [$"Logging: {exception.Message}"],
        _ when exception.StackTrace?.Contains("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true =>
            [$"Kestrel: {exception.Message.ReplaceLineEndings(" ")}"],
        _ => [],
    };
}

/// <summary>A fault that prevents the configuration from being read at all.</summary>
internal sealed class StartupFaultException(string fault) : Exception(fault);
