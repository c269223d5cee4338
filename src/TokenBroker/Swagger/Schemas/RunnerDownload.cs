using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

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
