using TokenBroker.Failures;

namespace TokenBroker.Caching;

/// <summary>What another replica has left under a key.</summary>
/// <param name="Secret">The secret, if there is one.</param>
/// <param name="Age">How long ago it was minted.</param>
/// <param name="Failure">The last mint's failure while it is remembered.</param>
/// <param name="FailureAge">How long ago it failed.</param>
/// <param name="Failures">How often it has failed in a row.</param>
internal sealed record SharedState(Secret? Secret, TimeSpan Age, Failure? Failure, TimeSpan FailureAge, int Failures);
