using System.Text.Json;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>All issuers, found by what a JWT says of itself before anything of it is believed.</summary>
internal sealed partial class IssuerDirectory : IDisposable
{
    private readonly ILookup<string?, CallerIssuer> byIssuer;
    private readonly Dictionary<string, CallerIssuer> byScheme;
    private readonly List<KeyFetcher> fetchers = [];

    public IssuerDirectory(IOptions<IssuerListOptions> options, WatchedFiles files, TimeProvider clock, Random random, ILogger<IssuerDirectory> logger)
    {
        All = [.. options.Value.Issuers.Select(entry => new CallerIssuer(entry.Key, entry.Value, KeysOf(entry.Key, entry.Value)))];
        byIssuer = All.ToLookup(issuer => NormalIssuer(issuer.Options), StringComparer.Ordinal);
        byScheme = All.ToDictionary(issuer => issuer.Scheme, StringComparer.Ordinal);

        IssuerKeys KeysOf(string name, IssuerOptions issuer)
        {
            if (issuer.JwksPath is { Length: > 0 } path)
                return new FileKeys(issuer.Issuer!, ContentSources.Create(text: null, path, text => Parse(name, text), files, logger), clock);
            var fetcher = new KeyFetcher(issuer, clock);
            fetchers.Add(fetcher);
            return new FetchedKeys(name, fetcher, clock, random, logger);
        }

        KeySet Parse(string name, string text)
        {
            var keys = SigningKeys.Parse(text);
            if (keys.LeftOut > 0)
                Log.LeftOut(logger, name, keys.LeftOut, KeySet.MostKeys);
            return keys;
        }
    }

    /// <summary>Every issuer.</summary>
    public IReadOnlyList<CallerIssuer> All { get; }

    /// <summary>The issuer that a JWT claims; where entries share an <c>iss</c>, the one with its audience. Null if none is meant.</summary>
    public CallerIssuer? Find(UnverifiedJwt? jwt)
    {
        if (jwt?.Issuer is not { Length: > 0 } issuer)
            return null;
        var candidates = byIssuer[Normalize(issuer)];
        return candidates.FirstOrDefault(candidate => jwt.IsFor(candidate.Options.Audiences)) ?? candidates.FirstOrDefault();
    }

    /// <summary>The issuer whose <c>iss</c> differs from what a JWT claims in nothing but the case of letters: an operator's slip, most likely.</summary>
    public CallerIssuer? FindAlike(UnverifiedJwt jwt) => jwt.Issuer is { Length: > 0 } issuer
        ? All.FirstOrDefault(candidate => string.Equals(NormalIssuer(candidate.Options), Normalize(issuer), StringComparison.OrdinalIgnoreCase))
        : null;

    /// <summary>The issuer behind an authentication scheme; null for the scheme of nobody.</summary>
    public CallerIssuer? OfScheme(string scheme) => byScheme.GetValueOrDefault(scheme);

    /// <summary>The <c>iss</c> that an entry is found by. Discovery may add a slash to it, which validation then holds the JWT to.</summary>
    public static string? NormalIssuer(IssuerOptions issuer) =>
        issuer.Issuer is { Length: > 0 } configured ? Normalize(configured) : issuer.Authority is { Length: > 0 } authority ? Normalize(authority) : null;

    public void Dispose() => fetchers.ForEach(fetcher => fetcher.Dispose());

    private static string Normalize(string issuer) => issuer.TrimEnd('/');

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Issuer {Issuer}: {Count} keys of its file are left out; the first {Most} that can be used are taken")]
        public static partial void LeftOut(ILogger logger, string issuer, int count, int most);
    }
}

/// <summary>One configured issuer at work.</summary>
/// <param name="Name">Its name in the configuration, which policies use.</param>
/// <param name="Options">Its settings.</param>
/// <param name="Keys">Its keys.</param>
internal sealed record CallerIssuer(string Name, IssuerOptions Options, IssuerKeys Keys)
{
    private const string SchemePrefix = "issuer ";

    /// <summary>The claims that tell one caller from another.</summary>
    public IReadOnlyList<ClaimPointer> CallerId { get; } = Parse(Options.CallerId);

    /// <summary>The claims that audit events hold.</summary>
    public IReadOnlyList<ClaimPointer> AuditClaims { get; } = Parse(Options.AuditClaims);

    /// <summary>The name of its authentication scheme.</summary>
    public string Scheme => SchemeOf(Name);

    /// <summary>Who a JWT of this issuer says that its caller is.</summary>
    public CallerIdentity Identify(JsonElement claims) => CallerIdentity.Read(CallerId, claims);

    public static string SchemeOf(string name) => SchemePrefix + name;

    private static List<ClaimPointer> Parse(IEnumerable<string> pointers) =>
        [.. pointers.Select(text => ClaimPointer.TryParse(text, out var pointer) ? pointer : throw new FormatException(text))];
}
