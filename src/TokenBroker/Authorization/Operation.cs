namespace TokenBroker.Authorization;

/// <summary>What a caller may do on a scope. The names in a policy are those of <see cref="Operations"/>.</summary>
public enum Operation
{
    /// <summary><c>registration-token</c>: an hour's power to register any runner on the scope.</summary>
    RegistrationToken,

    /// <summary><c>remove-token</c>: an hour's power to remove any runner of the scope.</summary>
    RemoveToken,

    /// <summary><c>jitconfig</c>: one runner, bounded by the policy's <c>Runners</c>.</summary>
    JitConfiguration,

    /// <summary><c>read</c>: list and get runners, their labels, downloads and deprecations.</summary>
    Read,

    /// <summary><c>labels</c>: change a runner's labels.</summary>
    Labels,

    /// <summary><c>delete</c>: delete a runner.</summary>
    Delete,
}
