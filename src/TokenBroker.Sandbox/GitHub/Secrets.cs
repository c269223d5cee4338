using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>Makes secrets and remembers them, so that tests can search for each of them where it must not appear.</summary>
internal sealed class Secrets
{
    private const int Remembered = 10_000;
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string CapitalsAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly Lock gate = new();
    private readonly Queue<string> issued = new();

    public IReadOnlyList<string> Issued
    {
        get
        {
            lock (gate)
                return [.. issued];
        }
    }

    public static string Random(int length) => RandomNumberGenerator.GetString(LettersAndDigits, length);

    public string InstallationToken() => Remember("ghs_" + Random(36));

    /// <summary>A JWT behind the App's id. Only GitHub can check its signature, so random bytes suffice.</summary>
    public string StatelessInstallationToken(long appId)
    {
        var payload = new JsonObject { ["iss"] = "github", ["aud"] = "api", ["jti"] = Random(RandomNumberGenerator.GetInt32(45, 75)) };
        string[] jwt =
        [
            Base64Url.EncodeToString("""{"alg":"RS256","typ":"JWT"}"""u8),
            Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload.ToJsonString())),
            Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(256)),
        ];
        return Remember(string.Create(CultureInfo.InvariantCulture, $"ghs_{appId}_{string.Join('.', jwt)}"));
    }

    public string CloneToken() => Remember(RandomNumberGenerator.GetString(CapitalsAndDigits, 29));

    public string RunnerToken() => Remember("A" + RandomNumberGenerator.GetString(CapitalsAndDigits, 28));

    public string DownloadToken() => Remember("tdt_" + Random(60));

    /// <summary>A runner's configuration in GitHub's format: a JSON object of files in Base64, itself in Base64.</summary>
    public string JitConfiguration(string runnerName, string workFolder)
    {
        var files = new JsonObject
        {
            [".runner"] = Encode(new JsonObject { ["AgentName"] = runnerName, ["WorkFolder"] = workFolder, ["Ephemeral"] = "True" }),
            [".credentials"] = Encode(new JsonObject { ["Scheme"] = "OAuth", ["Secret"] = Random(172) }),
        };
        return Remember(Encode(files));
    }

    private static string Encode(JsonObject json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private string Remember(string secret)
    {
        lock (gate)
        {
            issued.Enqueue(secret);
            if (issued.Count > Remembered)
                issued.Dequeue();
        }

        return secret;
    }
}
