using System.Collections.Frozen;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>When a fault strikes, and which requests can fail in that way.</summary>
internal sealed record FaultDefinition(FaultStage Stage, Func<SandboxRequest, bool> Concerns)
{
    public static readonly FrozenDictionary<string, FaultDefinition> All = new Dictionary<string, FaultDefinition>(StringComparer.Ordinal)
    {
        [SandboxFaultNames.ServerError] = Anything(),
        [SandboxFaultNames.BadGateway] = Anything(),
        [SandboxFaultNames.Unavailable] = Anything(),
        [SandboxFaultNames.Reset] = Anything(),
        [SandboxFaultNames.ResetMidway] = Anything(),
        [SandboxFaultNames.Hang] = Anything(),
        [SandboxFaultNames.Slow] = Anything(),
        [SandboxFaultNames.Html] = Anything(),
        [SandboxFaultNames.TruncatedJson] = Anything(),
        [SandboxFaultNames.PrimaryLimit] = Anything(),
        [SandboxFaultNames.PrimaryLimit429] = Anything(),
        [SandboxFaultNames.PrimaryLimitMessage] = Anything(),
        [SandboxFaultNames.SecondaryLimit] = Anything(),
        [SandboxFaultNames.SecondaryLimitDate] = Anything(),
        [SandboxFaultNames.SecondaryLimitMessage] = Anything(),
        [SandboxFaultNames.IpAllowList] = Anything(),
        [SandboxFaultNames.Unprocessable] = At(FaultStage.Arrival, request => request.ForRunners),
        // The target of the redirect must work, or a test could not detect a client that follows it.
        [SandboxFaultNames.Moved] = At(FaultStage.Arrival, request => !request.ByIdentifier),
        [SandboxFaultNames.NotInstalled] = At(FaultStage.Arrival, request => request.Kind == SandboxRequestKind.InstallationLookup),
        [SandboxFaultNames.Suspended] = At(FaultStage.Arrival, request => request.Kind == SandboxRequestKind.InstallationToken),
        [SandboxFaultNames.MissingPermission] = At(FaultStage.Arrival, request => request.ForRunners),
        [SandboxFaultNames.RunnersDisabled] = At(FaultStage.Arrival, request => request.ForRunners),
        [SandboxFaultNames.AppRefused] = At(FaultStage.Arrival, request => request.ForApp),
        [SandboxFaultNames.EnterpriseTokenRefused] = At(FaultStage.Arrival, request => request.ForEnterprise),
        [SandboxFaultNames.ReplicationLag] = At(FaultStage.Credential, _ => true),
        [SandboxFaultNames.ReplicationLag403] = At(FaultStage.Credential, _ => true),
        [SandboxFaultNames.NoToken] = At(FaultStage.Token, request => request.ForRunners),
        [SandboxFaultNames.EmptyToken] = At(FaultStage.Token, request => request.ForRunners),
        [SandboxFaultNames.ExpiredToken] = At(FaultStage.Token, request => request.ForRunners),
        [SandboxFaultNames.ShortToken] = At(FaultStage.Token, request => request.ForRunners),
        [SandboxFaultNames.ResetAfterEffect] = At(FaultStage.Effect, _ => true),
        [SandboxFaultNames.BadGatewayAfterEffect] = At(FaultStage.Effect, _ => true),
        [SandboxFaultNames.UnknownFields] = At(FaultStage.Answer, request => request.ForRunners),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static readonly IReadOnlyList<string> Names = [.. All.Keys.Order(StringComparer.Ordinal)];

    /// <summary>An explicit path wins: a fault of runner tokens then affects installation tokens too.</summary>
    public bool Strikes(SandboxFault fault, FaultStage stage, SandboxRequest request) =>
        stage == Stage
        && (fault.Path is null ? Concerns(request) : request.Path.Contains(fault.Path, StringComparison.OrdinalIgnoreCase))
        && !(request.ByIdentifier && string.Equals(fault.Name, SandboxFaultNames.Moved, StringComparison.Ordinal));

    private static FaultDefinition Anything() => At(FaultStage.Arrival, _ => true);

    private static FaultDefinition At(FaultStage stage, Func<SandboxRequest, bool> concerns) => new(stage, concerns);
}
