using System.Diagnostics;

namespace TokenBroker.Benchmarks;

/// <summary>The broker of this checkout, published as for production, for as long as it is measured.</summary>
internal sealed class Publication : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("token-broker-published-");

    private Publication()
    {
    }

    public string Folder => folder.FullName;

    /// <summary>What this benchmark was built with is published, not built again.</summary>
    public static async Task<Publication> CreateAsync(CancellationToken cancellation)
    {
        var publication = new Publication();
        try
        {
            await publication.PublishAsync(cancellation);
            return publication;
        }
        catch
        {
            publication.Dispose();
            throw;
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private async Task PublishAsync(CancellationToken cancellation)
    {
        var project = Path.Combine(Checkout(), "src", "TokenBroker");
        using var publish = Process.Start(new ProcessStartInfo(
            "dotnet",
            ["publish", project, "-c", "Release", "--no-build", "-o", Folder, "--nologo", "-nodeReuse:false"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var output = await publish.StandardOutput.ReadToEndAsync(cancellation);
            await publish.WaitForExitAsync(cancellation);
            if (publish.ExitCode != 0)
                throw new InvalidOperationException($"The broker cannot be published: {output}");
        }
        finally
        {
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
    }

    private static string Checkout()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "TokenBroker.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The benchmark does not stand in a checkout.");
        return root.FullName;
    }
}
