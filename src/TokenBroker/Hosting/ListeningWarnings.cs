using System.Net;

namespace TokenBroker.Hosting;

/// <summary>Says at start where the broker listens on more than is written.</summary>
internal sealed partial class ListeningWarnings(IConfiguration configuration, ILogger<ListeningWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Find(configuration))
            Log.Unwise(logger, warning.Key, warning.Text);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Addresses with the name of a host.</summary>
    internal static IEnumerable<ConfigurationWarning> Find(IConfiguration configuration) =>
        from given in ListeningAddresses.Given(configuration)
        where ListeningAddresses.TryParse(given.Url, out var binding) && IsName(binding)
        select new ConfigurationWarning(given.Key, $"'{given.Url}' names a host, which is not looked up: the broker listens on every address. Write * for the host, or the one IP address");

    private static bool IsName(BindingAddress binding) =>
        !binding.IsUnixPipe && !binding.IsNamedPipe && binding.Host is not ("*" or "+")
        && !binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(binding.Host, out _);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
