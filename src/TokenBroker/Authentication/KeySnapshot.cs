namespace TokenBroker.Authentication;

/// <summary>An issuer's keys as they were when they were last read.</summary>
/// <param name="Issuer">The exact <c>iss</c> that its JWTs must carry.</param>
/// <param name="Set">Its signing keys.</param>
/// <param name="AskedAt">When they were asked for, as a timestamp of the clock: what came later than that they may lack.</param>
internal sealed record KeySnapshot(string Issuer, KeySet Set, long AskedAt);
