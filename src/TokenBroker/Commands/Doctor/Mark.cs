namespace TokenBroker.Commands.Doctor;

/// <summary>What a finding means for whoever runs the broker.</summary>
internal enum Mark
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Worth knowing, and neither good nor bad.</summary>
    Note,

    /// <summary>It works, and may not go on so.</summary>
    Warning,

    /// <summary>Callers are or will be refused for it.</summary>
    Fault,
}
