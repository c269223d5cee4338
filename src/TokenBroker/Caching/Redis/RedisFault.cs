namespace TokenBroker.Caching.Redis;

/// <summary>Why Redis cannot be used.</summary>
internal enum RedisFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Nothing answers there, or not in time, or not as Redis does.</summary>
    Unreachable,

    /// <summary>It refuses the user or the password, or shows a certificate that is not trusted.</summary>
    NotLetIn,

    /// <summary>It takes no writes, or does not give back what was written.</summary>
    NoWrites,

    /// <summary>It answers a script otherwise than the script asks.</summary>
    Strange,

    /// <summary>The sentinels do not know the master's name, or name one that is none.</summary>
    NoMaster,
}
