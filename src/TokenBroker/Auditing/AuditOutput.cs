namespace TokenBroker.Auditing;

/// <summary>Where audit lines go. The console's own writer takes one lock with the log's, so that no line is torn by another.</summary>
internal sealed record AuditOutput(TextWriter Writer);
