namespace TokenBroker.Hosting;

/// <summary>
/// Ends a process that is out of memory. It may have lost any of its loops by then, the server's that accepts connections too, and would live on
/// without answering; whatever restarts it does better.
/// </summary>
internal static class MemoryExhaustion
{
    public static void EndsProcess() => AppDomain.CurrentDomain.FirstChanceException += static (_, thrown) =>
    {
        if (thrown.Exception is OutOfMemoryException)
            Environment.FailFast("The broker is out of memory.");
    };
}
