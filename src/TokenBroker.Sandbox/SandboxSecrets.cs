using System.Security.Cryptography;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Sandbox;

/// <summary>
/// What a broker and a sandbox in different containers must both know, as files of one folder. Each is made once and then left
/// as it is, so that a restart of either does not part them.
/// </summary>
public sealed class SandboxSecrets(string folder)
{
    /// <summary>The key of the sandbox's App, as PEM.</summary>
    public string AppKey() => ReadOrMake("app.pem", SandboxGitHub.NewAppKey);

    /// <summary>The token that the sandbox's enterprise takes.</summary>
    public string EnterpriseToken() => ReadOrMake("enterprise-token", () => "ghp_sandboxenterprise" + Random());

    /// <summary>Makes all that are missing, those of a Redis at <c>redis:6379</c> as well.</summary>
    public void MakeAll()
    {
        AppKey();
        EnterpriseToken();
        var password = ReadOrMake("redis-password", Random);
        ReadOrMake("redis", () => $"redis:6379,password={password}");
        ReadOrMake("encryption-keys", () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
    }

    private static string Random() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private string ReadOrMake(string name, Func<string> make)
    {
        var path = Path.Combine(folder, name);
        if (File.Exists(path))
            return File.ReadAllText(path).Trim();
        var made = make();

        // Under another name first: a process that waits for the file must not read half of it.
        var part = path + ".part";
        File.WriteAllText(part, made);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(part, path);
        return made;
    }
}
