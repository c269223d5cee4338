using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

/// <summary>Finds the addresses at which Kestrel would not start.</summary>
internal sealed class ListeningValidator(IConfiguration configuration) : IValidateOptions<KestrelServerOptions>
{
    public ValidateOptionsResult Validate(string? name, KestrelServerOptions options)
    {
        var faults = ListeningAddresses.Given(configuration).Select(given => FaultOf(given.Url) is { } fault ? $"{given.Key}: '{given.Url}' {fault}" : null).OfType<string>().ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string? FaultOf(string url)
    {
        if (!ListeningAddresses.TryParse(url, out var binding) || (binding.Scheme != Uri.UriSchemeHttp && binding.Scheme != Uri.UriSchemeHttps))
            return "is no address to listen on. Write it as http://*:8080.";
        return binding.PathBase.Length > 0 ? $"has a path, and the broker is at the root of its address. Leave out '{binding.PathBase}', and let a proxy take it away from what it passes on." : null;
    }
}
