using TokenBroker.Authorization;

namespace TokenBroker.Runners;

/// <summary>What an endpoint does, which a policy must allow.</summary>
internal sealed record RequiredOperation(Operation Operation);
