using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Testing;

/// <summary>
/// Lets the test projects of one checkout run one after the other: `dotnet test` starts them together, and those that measure time would
/// measure the others.
/// </summary>
public sealed class RunLock : IAsyncLifetime
{
    private const int MostTries = 9_000;
    private FileStream? held;

    public async ValueTask InitializeAsync()
    {
        for (var tries = 0; held is null; tries++)
        {
            try
            {
                held = new FileStream(PathOf(), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tries < MostTries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (held is not null)
            await held.DisposeAsync();
    }

    private static string PathOf([CallerFilePath] string source = "") =>
        Path.Combine(
            Path.GetTempPath(),
            $"token-broker-tests-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))[..16]}.lock");
}
