namespace TokenBroker.Commands.Doctor;

/// <summary>Asks one of those on whom the broker depends.</summary>
internal abstract class Examination
{
    /// <summary>What it is about.</summary>
    public abstract string Subject { get; }

    /// <summary>Asks, and tells what it found on the way.</summary>
    public abstract Task RunAsync(Findings findings, CancellationToken cancellation);
}
