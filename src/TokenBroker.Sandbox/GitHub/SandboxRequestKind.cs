namespace TokenBroker.Sandbox.GitHub;

/// <summary>What a request to this GitHub was for.</summary>
public enum SandboxRequestKind
{
    /// <summary>Anything else.</summary>
    Other,

    /// <summary>Finding the App's installation on a repository, an organization or a user.</summary>
    InstallationLookup,

    /// <summary>Making an installation token.</summary>
    InstallationToken,

    /// <summary>Making a registration token.</summary>
    RegistrationToken,

    /// <summary>Making a remove token.</summary>
    RemoveToken,

    /// <summary>Making a runner and its just-in-time configuration.</summary>
    JitConfiguration,

    /// <summary>Listing a scope's runners.</summary>
    RunnerList,

    /// <summary>Reading one runner.</summary>
    RunnerLookup,

    /// <summary>Deleting a runner.</summary>
    RunnerRemoval,

    /// <summary>Listing a runner's labels.</summary>
    LabelList,

    /// <summary>Adding labels to a runner.</summary>
    LabelAddition,

    /// <summary>Replacing a runner's custom labels.</summary>
    LabelReplacement,

    /// <summary>Removing all custom labels of a runner.</summary>
    LabelsRemoval,

    /// <summary>Removing one label of a runner.</summary>
    LabelRemoval,

    /// <summary>Listing the runner applications that can be downloaded.</summary>
    Downloads,

    /// <summary>Asking until when a version of the runner may be used.</summary>
    Deprecation,
}
