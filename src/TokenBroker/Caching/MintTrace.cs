namespace TokenBroker.Caching;

/// <summary>How whoever made a secret knows its making, so that their records can be found by ours. Kept in memory only.</summary>
/// <param name="RequestId">Their id of the request.</param>
/// <param name="CredentialSha256">The SHA-256, in base64, of the credential that it was made with; null where they keep no such record.</param>
public sealed record MintTrace(string? RequestId, string? CredentialSha256);
