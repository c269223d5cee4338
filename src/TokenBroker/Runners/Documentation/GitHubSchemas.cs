using System.Text.Json.Serialization;

namespace TokenBroker.Runners.Documentation;

/// <summary>A runner as GitHub describes it. Documentation only: callers get GitHub's own answer, with all of its fields.</summary>
internal sealed record Runner
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    /// <summary>The runner group.</summary>
    [JsonPropertyName("runner_group_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RunnerGroupId { get; init; }

    /// <summary>Its name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The operating system, or <c>unknown</c> before it has connected.</summary>
    [JsonPropertyName("os")]
    public required string Os { get; init; }

    /// <summary><c>online</c> or <c>offline</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>Whether it runs a job.</summary>
    [JsonPropertyName("busy")]
    public required bool Busy { get; init; }

    /// <summary>Whether it takes one job and ends.</summary>
    [JsonPropertyName("ephemeral"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Ephemeral { get; init; }

    /// <summary>The version of its software, once it has connected.</summary>
    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    /// <summary>Its labels.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<RunnerLabel> Labels { get; init; }

    internal static readonly Runner Example = new()
    {
        Id = 23,
        RunnerGroupId = 1,
        Name = "vm-7f3a",
        Os = "linux",
        Status = "online",
        Busy = false,
        Ephemeral = true,
        Labels = [RunnerLabel.Fixed, RunnerLabel.Custom],
    };
}

/// <summary>A page of a scope's runners.</summary>
internal sealed record RunnerPage
{
    /// <summary>How many there are on all pages.</summary>
    [JsonPropertyName("total_count")]
    public required int TotalCount { get; init; }

    /// <summary>Those of this page.</summary>
    [JsonPropertyName("runners")]
    public required IReadOnlyList<Runner> Runners { get; init; }
}

/// <summary>A label of a runner.</summary>
internal sealed record RunnerLabel
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Id { get; init; }

    /// <summary>Its name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>read-only</c> for those that the runner brings itself, or <c>custom</c>.</summary>
    [JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    internal static readonly RunnerLabel Fixed = new() { Id = 5, Name = "self-hosted", Type = "read-only" };

    internal static readonly RunnerLabel Custom = new() { Id = 20, Name = "gpu", Type = "custom" };
}

/// <summary>The labels of a runner.</summary>
internal sealed record RunnerLabelList
{
    /// <summary>How many.</summary>
    [JsonPropertyName("total_count")]
    public required int TotalCount { get; init; }

    /// <summary>The labels.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<RunnerLabel> Labels { get; init; }

    internal static readonly RunnerLabelList Example = new() { TotalCount = 2, Labels = [RunnerLabel.Fixed, RunnerLabel.Custom] };
}

/// <summary>Labels that a request brings.</summary>
internal sealed record LabelNameList
{
    /// <summary>1 to 100 labels of 1 to 256 characters.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<string> Labels { get; init; }
}

/// <summary>The runner of a just-in-time configuration. A missing field is filled in if the policy names a single value.</summary>
internal sealed record JitConfigurationRequest
{
    /// <summary>Its name, 1 to 64 characters.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The runner group.</summary>
    [JsonPropertyName("runner_group_id")]
    public long? RunnerGroupId { get; init; }

    /// <summary>All its labels, <c>self-hosted</c> among them where it is wanted; those that the policy requires are added.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Where jobs run, below the runner's own folder.</summary>
    [JsonPropertyName("work_folder")]
    public string? WorkFolder { get; init; }
}

/// <summary>A just-in-time configuration as GitHub describes it. Only documentation: GitHub's own answer is what a caller gets.</summary>
internal sealed record JitConfiguration
{
    /// <summary>The runner that was made.</summary>
    [JsonPropertyName("runner")]
    public required Runner Runner { get; init; }

    /// <summary>What the runner is started with: <c>run.sh --jitconfig</c>.</summary>
    [JsonPropertyName("encoded_jit_config")]
    public required string EncodedJitConfig { get; init; }
}

/// <summary>A token as GitHub describes it. Only documentation: GitHub's own answer is what a caller gets.</summary>
internal sealed record RunnerToken
{
    /// <summary>The token used for authentication.</summary>
    [JsonPropertyName("token")]
    public required string Token { get; init; }

    /// <summary>The time this token expires, as GitHub wrote it: at times with milliseconds and an offset.</summary>
    [JsonPropertyName("expires_at")]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the token may do, where GitHub says so.</summary>
    [JsonPropertyName("permissions")]
    public IDictionary<string, string>? Permissions { get; init; }

    /// <summary>Whether all repositories were selected, where GitHub says so: <c>all</c> or <c>selected</c>.</summary>
    [JsonPropertyName("repository_selection")]
    public string? RepositorySelection { get; init; }

    /// <summary>A file the token is restricted to, where GitHub says so.</summary>
    [JsonPropertyName("single_file")]
    public string? SingleFile { get; init; }
}

/// <summary>A download of the runner as GitHub describes it. Only documentation: GitHub's own answer is what a caller gets.</summary>
internal sealed record RunnerDownload
{
    /// <summary><c>linux</c>, <c>osx</c> or <c>win</c>.</summary>
    [JsonPropertyName("os")]
    public required string Os { get; init; }

    /// <summary><c>x64</c>, <c>arm64</c> or <c>arm</c>.</summary>
    [JsonPropertyName("architecture")]
    public required string Architecture { get; init; }

    /// <summary>Where it is.</summary>
    [JsonPropertyName("download_url")]
    public required string DownloadUrl { get; init; }

    /// <summary>What to call it.</summary>
    [JsonPropertyName("filename")]
    public required string Filename { get; init; }

    /// <summary>A short-lived token for the download, where it needs one.</summary>
    [JsonPropertyName("temp_download_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TempDownloadToken { get; init; }

    /// <summary>What its SHA-256 must be.</summary>
    [JsonPropertyName("sha256_checksum"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sha256Checksum { get; init; }
}

/// <summary>When a version of the runner ends.</summary>
internal sealed record RunnerDeprecation
{
    /// <summary>The version.</summary>
    [JsonPropertyName("runner_version")]
    public required string RunnerVersion { get; init; }

    /// <summary>From when it can no longer be registered; null where that is not decided.</summary>
    [JsonPropertyName("registration_deprecates_at")]
    public DateTimeOffset? RegistrationDeprecatesAt { get; init; }
}
