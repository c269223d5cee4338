using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>An issuer that signs JWTs for anyone who has an account there.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Hosts">The hosts that its <c>iss</c> may name.</param>
/// <param name="Owners">The claims that say whose a JWT is.</param>
internal sealed record PublicIssuer(string Name, IReadOnlyList<string> Hosts, IReadOnlyList<OwnerClaim> Owners)
{
    /// <summary>Which addresses of these hosts it is. Default: all of them.</summary>
    public Func<Uri, bool> Includes { get; init; } = _ => true;

    /// <summary>Whether one claim at least leaves no doubt whose its JWTs are, whichever of the claim's patterns they match.</summary>
    public bool IsNamedBy(IEnumerable<ClaimOptions> claims) => claims.Any(claim =>
        claim.Matches.Count > 0
        && ClaimPointer.TryParse(claim.Claim, out var pointer)
        && Owners.FirstOrDefault(owner => owner.IsAt(pointer)) is { } owner
        && claim.Matches.TrueForAll(pattern => owner.NamesOwner(pattern ?? "")));

    /// <summary>The claims that would do, for an operator to choose from.</summary>
    public string Choice => $"{string.Join(", ", Owners.SkipLast(1))} or {Owners[^1]}";
}
