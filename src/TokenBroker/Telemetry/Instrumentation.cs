using System.Diagnostics;
using System.Reflection;

namespace TokenBroker.Telemetry;

/// <summary>The name of the broker's meter and activity source, and its spans.</summary>
internal static class Instrumentation
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "TokenBroker";

    /// <summary>The broker's version.</summary>
    public static string Version { get; } =
        typeof(Instrumentation).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static readonly ActivitySource Source = new(Name, Version);

    /// <summary>Starts a span below the current one; null, at no cost, if nothing listens.</summary>
    public static Activity? StartSpan(string name) => Source.StartActivity(name);

    /// <summary>Starts a separate trace for work that belongs to no single request. It does not become the current one.</summary>
    public static Activity? StartTrace(string name)
    {
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            return Source.StartActivity(name);
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
