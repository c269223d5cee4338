namespace TokenBroker.Configuration;

/// <summary>A fault that keeps the configuration from being read at all.</summary>
internal sealed class StartupFaultException(string fault) : Exception(fault);
