using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace TokenBroker.Configuration;

/// <summary>Why the process does not start, in lines that an operator can act on.</summary>
internal static class StartupFaults
{
    private const string Listening = "ASPNETCORE_URLS or Kestrel:Endpoints";

    /// <summary>Runs the program. Exit code 1 and a list of faults where its configuration is bad.</summary>
    public static async Task<int> ReportAsync(Func<Task> program)
    {
        try
        {
            await program();
            return Environment.ExitCode;
        }
        catch (Exception exception) when (Of(exception) is { Count: > 0 } faults)
        {
            Print(faults, Console.Error);
            return 1;
        }
    }

    /// <summary>The faults behind an exception; none if it is of another kind.</summary>
    public static IReadOnlyList<string> Of(Exception exception) => [.. Find(exception).Distinct(StringComparer.Ordinal)];

    /// <summary>Prints the faults, each on a line of its own.</summary>
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
            [Listening + ": the address is none of this machine's. Write http://*:8080 to listen on all that it has."],
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            [Listening + ": this user may not listen on that port. Take one from 1024 on, such as http://*:8080."],
        InvalidOperationException when exception.Message.StartsWith("Configuration value '", StringComparison.Ordinal) => [$"Logging: {exception.Message}"],
        _ when exception.StackTrace?.Contains("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) == true =>
            [$"Kestrel: {exception.Message.ReplaceLineEndings(" ")}"],
        _ => [],
    };
}
