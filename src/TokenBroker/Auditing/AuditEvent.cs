using System.Globalization;
using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.Caching;
using TokenBroker.Scopes;

namespace TokenBroker.Auditing;

/// <summary>An audit event; docs/audit.md explains its members. It never holds a token or a JWT.</summary>
internal sealed record AuditEvent
{
    public const string Exchange = "token-broker.audit";
    public const string Mint = "token-broker.mint";
    public const string Unauthenticated = "token-broker.unauthenticated";

    public const string Granted = "granted";
    public const string Refused = "refused";
    public const string Failed = "failed";

    public required string Name { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Outcome { get; init; }

    /// <summary>The answer's status; null for an event without one.</summary>
    public int? Status { get; init; }

    /// <summary>The failure's kind.</summary>
    public string? Reason { get; init; }

    public string? RequestId { get; init; }

    public string? Issuer { get; init; }

    public string? ClientAddress { get; init; }

    public string? Method { get; init; }

    public string? Path { get; init; }

    /// <summary>How many events of the same reason were left out since the last one.</summary>
    public long? Suppressed { get; init; }

    public AuditDetails Details { get; init; } = new();

    private Caller? Caller { get; init; }

    /// <summary>The event of a request.</summary>
    public static AuditEvent OfRequest(
        HttpContext context, AuditDetails details, string name, string outcome, int status, string? reason, DateTimeOffset now)
    {
        if (details.Operation is null && context.GetEndpoint()?.Metadata.GetMetadata<RequiredOperation>() is { } required)
            details.Operation = OperationNames.NameOf(required.Operation);
        var caller = context.Features.Get<Caller>();
        return new AuditEvent
        {
            Name = name,
            Time = now,
            Outcome = outcome,
            Status = status,
            Reason = reason,
            RequestId = context.TraceIdentifier,
            Issuer = caller?.Issuer,
            ClientAddress = context.Connection.RemoteIpAddress?.ToString(),
            Method = context.Request.Method,

            // Without the prefix that a proxy may pass on from any client: it would push the path out of the event.
            Path = context.Request.Path,
            Details = details,
            Caller = caller,
        };
    }

    /// <summary>The event of a mint, whether or not a request still waits for it.</summary>
    public static AuditEvent OfMint(string operation, string scope, Secret secret, DateTimeOffset now) => new()
    {
        Name = Mint,
        Time = now,
        Outcome = Granted,
        Details = new AuditDetails
        {
            Operation = operation,
            Scope = scope,
            Token = secret.Hash,
            ExpiresAt = secret.ExpiresAt,
            Mint = secret.Origin,
        },
    };

    /// <summary>The members that are known, by name.</summary>
    public IEnumerable<KeyValuePair<string, object>> Members() =>
        from member in All()
        where member.Value is not null
        select new KeyValuePair<string, object>(member.Name, member.Value);

    private IEnumerable<(string Name, object? Value)> All()
    {
        yield return ("event", Name);
        yield return ("time", Text(Time));
        yield return ("outcome", Outcome);
        yield return ("status", Status);
        yield return ("reason", Reason);
        yield return ("request_id", RequestId);
        yield return ("issuer", Issuer);
        yield return ("subject", AuditText.Cut(Caller?.Subject));
        yield return ("caller_id", AuditText.Cut(Caller?.Id));
        yield return ("jwt_id", AuditText.Cut(Caller?.TokenId));
        yield return ("claims", ClaimsOf(Caller));
        yield return ("client_address", ClientAddress);
        yield return ("method", AuditText.Cut(Method));
        yield return ("path", AuditText.Cut(Path));
        yield return ("operation", Details.Operation);
        yield return ("scope", AuditText.Cut(Details.Scope));
        yield return ("policies", Details.Policies.Count > 0 ? Details.Policies : null);
        yield return ("policy_reason", Details.PolicyReason);
        yield return ("source", Details.Source);
        yield return ("expires_at", Details.ExpiresAt is { } end ? Text(end) : null);
        yield return ("token_sha256", Details.Token);
        yield return ("runner_id", Details.RunnerId);
        yield return ("runner_name", AuditText.Cut(Details.RunnerName));
        yield return ("github_request_id", AuditText.Cut(Details.Mint?.RequestId));
        yield return ("credential_sha256", Details.Mint?.CredentialSha256 is { } hash ? new TokenHash(hash) : null);
        yield return ("suppressed", Suppressed);
    }

    private static Dictionary<string, JsonElement>? ClaimsOf(Caller? caller)
    {
        if (caller is null or { AuditClaims.Count: 0 })
            return null;
        var found = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var pointer in caller.AuditClaims)
        {
            if (pointer.Find(caller.Claims) is { } claim)
                found[pointer.Text] = claim;
        }

        return found.Count > 0 ? found : null;
    }

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What is learned of a request, for its audit event.</summary>
internal sealed class AuditDetails
{
    public string? Operation { get; set; }

    public string? Scope { get; set; }

    /// <summary>The policies that allow it.</summary>
    public IReadOnlyList<string> Policies { get; set; } = [];

    /// <summary>Why no policy allows it: one of a few words.</summary>
    public string? PolicyReason { get; set; }

    /// <summary>Where a token came from: cache or minted.</summary>
    public string? Source { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>What was handed out: a token or a just-in-time configuration.</summary>
    public TokenHash? Token { get; set; }

    /// <summary>The request to GitHub that was made for this one.</summary>
    public MintReference? Mint { get; set; }

    public long? RunnerId { get; set; }

    public string? RunnerName { get; set; }

    /// <summary>Notes the token that is handed out.</summary>
    public void RecordToken(Secret secret, bool isHit)
    {
        Source = isHit ? "cache" : "minted";
        ExpiresAt = secret.ExpiresAt;
        Token = secret.Hash;
        Mint = isHit ? null : secret.Origin;
    }
}

/// <summary>Bounds texts that a stranger chose.</summary>
internal static class AuditText
{
    private const int Longest = 256;

    /// <summary>The text, cut to 256 characters with an ellipsis.</summary>
    public static string? Cut(string? text)
    {
        if (text is null || text.Length <= Longest)
            return text;

        // An unpaired surrogate is not valid text.
        var end = char.IsHighSurrogate(text[Longest - 2]) ? Longest - 2 : Longest - 1;
        return text[..end] + "…";
    }
}
