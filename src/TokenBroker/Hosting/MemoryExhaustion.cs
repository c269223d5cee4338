namespace TokenBroker.Hosting;

/// <summary>
/// Ends a process that is out of memory. By then it may have lost any of its loops, even the one that accepts connections, and would live
/// on without answering; a restart is better.
/// </summary>
internal static class MemoryExhaustion
{
    public static void EndsProcess() => AppDomain.CurrentDomain.FirstChanceException += static (_, thrown) =>
    {
        if (thrown.Exception is OutOfMemoryException)
            Environment.FailFast("The broker is out of memory.");
    };
}
