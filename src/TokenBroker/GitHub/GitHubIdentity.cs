namespace TokenBroker.GitHub;

/// <summary>Which GitHub this is and as whom the broker is known there: part of every cache key.</summary>
internal sealed record GitHubIdentity(string Host, string App);
