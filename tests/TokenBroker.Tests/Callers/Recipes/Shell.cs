using System.Diagnostics;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>Runs lines of the page in bash, as somebody who pastes them.</summary>
internal static class Shell
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(60);

    /// <summary>Skips the test where a tool is not there.</summary>
    public static void Needs(params string[] tools)
    {
        var missing = tools.Append("bash").FirstOrDefault(tool => !IsInstalled(tool));
        Assert.SkipUnless(missing is null, $"The page's lines need {missing}.");
    }

    /// <summary>What the lines print, in a folder and with an environment; they must succeed.</summary>
    public static async Task<string> RunAsync(string script, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash", ["-eu", "-o", "pipefail", "-c", script])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var shell = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(LongestRun);
        try
        {
            var errors = shell.StandardError.ReadToEndAsync(deadline.Token);
            var output = await shell.StandardOutput.ReadToEndAsync(deadline.Token);
            await shell.WaitForExitAsync(deadline.Token);
            Assert.True(shell.ExitCode == 0, await errors);
            return output;
        }
        finally
        {
            if (!shell.HasExited)
                shell.Kill(entireProcessTree: true);
        }
    }

    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
