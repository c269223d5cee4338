using System.Text.Json;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>All issuers, looked up by what a JWT claims before any of it is verified.</summary>
internal sealed partial class IssuerDirectory : IDisposable
{
    private readonly ILookup<string?, CallerIssuer> byIssuer;
    private readonly Dictionary<string, CallerIssuer> byScheme;
    private readonly List<KeyFetcher> fetchers = [];

    public IssuerDirectory(
        IOptions<IssuerListOptions> options,
        WatchedFiles files,
        TimeProvider clock,
        Random random,
        ILogger<IssuerDirectory> logger)
    {
        All = [.. options.Value.Issuers.Select(entry => new CallerIssuer(entry.Key, entry.Value, CreateKeys(entry.Key, entry.Value)))];
        byIssuer = All.ToLookup(issuer => NormalIssuer(issuer.Options), StringComparer.Ordinal);
        byScheme = All.ToDictionary(issuer => issuer.Scheme, StringComparer.Ordinal);

        IssuerKeys CreateKeys(string name, IssuerOptions issuer)
        {
            if (issuer.JwksPath is { Length: > 0 } path)
            {
                var file = ContentSources.Create(text: null, path, text => Parse(name, text), files, logger);
                return new FileKeys(issuer.Issuer!, file, clock);
            }

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

    public IReadOnlyList<CallerIssuer> All { get; }

    /// <summary>The issuer that a JWT claims, preferably the entry with its audience; null if no entry has its <c>iss</c>.</summary>
    public CallerIssuer? Find(UnverifiedJwt? jwt)
    {
        if (jwt?.Issuer is not { Length: > 0 } issuer)
            return null;
        var candidates = byIssuer[Normalize(issuer)];
        return candidates.FirstOrDefault(candidate => jwt.IsFor(candidate.Options.Audiences)) ?? candidates.FirstOrDefault();
    }

    /// <summary>The issuer whose <c>iss</c> differs from the JWT's only in letter case: most likely a configuration mistake.</summary>
    public CallerIssuer? FindAlike(UnverifiedJwt jwt)
    {
        if (jwt.Issuer is not { Length: > 0 } issuer)
            return null;
        var claimed = Normalize(issuer);
        return All.FirstOrDefault(candidate => string.Equals(NormalIssuer(candidate.Options), claimed, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The issuer of an authentication scheme; null for the scheme of unknown issuers.</summary>
    public CallerIssuer? OfScheme(string scheme) => byScheme.GetValueOrDefault(scheme);

    /// <summary>The <c>iss</c> that an entry is looked up by. Discovery may add a slash to it, which validation then requires.</summary>
    public static string? NormalIssuer(IssuerOptions issuer) => issuer switch
    {
        { Issuer: { Length: > 0 } configured } => Normalize(configured),
        { Authority: { Length: > 0 } authority } => Normalize(authority),
        _ => null,
    };

    public void Dispose() => fetchers.ForEach(fetcher => fetcher.Dispose());

    private static string Normalize(string issuer) => issuer.TrimEnd('/');

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Issuer {Issuer}: {Count} keys of its file are ignored; the first {Most} usable ones count")]
        public static partial void LeftOut(ILogger logger, string issuer, int count, int most);
    }
}

/// <summary>A configured issuer and its keys.</summary>
/// <param name="Name">The name in the configuration, which policies use.</param>
/// <param name="Options">The entry in the configuration.</param>
/// <param name="Keys">The keys that its JWTs are verified with.</param>
internal sealed record CallerIssuer(string Name, IssuerOptions Options, IssuerKeys Keys)
{
    private const string SchemePrefix = "issuer ";

    /// <summary>The claims that distinguish one caller from another.</summary>
    public IReadOnlyList<ClaimPointer> CallerId { get; } = Parse(Options.CallerId);

    /// <summary>The claims that audit events include.</summary>
    public IReadOnlyList<ClaimPointer> AuditClaims { get; } = Parse(Options.AuditClaims);

    /// <summary>The name of this issuer's authentication scheme.</summary>
    public string Scheme => SchemeOf(Name);

    /// <summary>Reads which caller a JWT of this issuer belongs to.</summary>
    public CallerIdentity Identify(JsonElement claims) => CallerIdentity.Read(CallerId, claims);

    public static string SchemeOf(string name) => SchemePrefix + name;

    private static List<ClaimPointer> Parse(IEnumerable<string> pointers) =>
        [.. pointers.Select(text => ClaimPointer.TryParse(text, out var pointer) ? pointer : throw new FormatException(text))];
}
