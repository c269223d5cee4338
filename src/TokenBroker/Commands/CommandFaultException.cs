namespace TokenBroker.Commands;

/// <summary>A command line that cannot be understood; its message tells the operator what is wrong with it.</summary>
internal sealed class CommandFaultException(string message) : Exception(message);
