using TokenBroker.Failures;

namespace TokenBroker.Caching;

/// <summary>What it costs somebody to start work that others may join for nothing.</summary>
/// <param name="Take">Pays for it; a failure if they cannot.</param>
/// <param name="GiveBack">Takes the payment back, because there was nothing to do.</param>
internal sealed record StartPermit(Func<Failure?> Take, Action GiveBack);
