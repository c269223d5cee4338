using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

/// <summary>Finds the addresses at which Kestrel would not start, and what it would leave out without a word: a client's certificate, if its mode is misspelt.</summary>
// See https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
internal sealed class ListeningValidator(IConfiguration configuration) : IValidateOptions<KestrelServerOptions>
{
    private static readonly string[] Keys = ["Endpoints", "EndpointDefaults", "Certificates"];
    private static readonly string[] EndpointKeys = ["Url", "Protocols", "SslProtocols", "ClientCertificateMode", "Certificate", "Sni"];
    private static readonly string[] CertificateKeys = ["Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid"];

    public ValidateOptionsResult Validate(string? name, KestrelServerOptions options)
    {
        var faults = ListeningAddresses.Given(configuration).Select(given => FaultOf(given.Url) is { } fault ? $"{given.Key}: '{given.Url}' {fault}" : null).OfType<string>().ToList();
        var kestrel = configuration.GetSection("Kestrel");
        faults.AddRange(FaultsOfKeys(kestrel, Keys));
        foreach (var endpoint in kestrel.GetSection("Endpoints").GetChildren().Append(kestrel.GetSection("EndpointDefaults")))
        {
            if (endpoint["Url"] is "")
                faults.Add($"{endpoint.Path}:Url: is empty. Write it as http://*:8080.");
            faults.AddRange(FaultsOf(endpoint));
            faults.AddRange(endpoint.GetSection("Sni").GetChildren().SelectMany(FaultsOf));
        }

        faults.AddRange(kestrel.GetSection("Certificates").GetChildren().SelectMany(FaultsOfCertificate));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string? FaultOf(string url)
    {
        if (!ListeningAddresses.TryParse(url, out var binding) || (binding.Scheme != Uri.UriSchemeHttp && binding.Scheme != Uri.UriSchemeHttps)
            || (!binding.IsUnixPipe && !binding.IsNamedPipe && binding.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort))
        {
            return "is no address to listen on. Write it as http://*:8080.";
        }

        return binding.PathBase.Length > 0 ? $"has a path, and the broker is at the root of its address. Leave out '{binding.PathBase}', and let a proxy take it away from what it passes on." : null;
    }

    // Kestrel ignores words that it does not know.
    private static IEnumerable<string> FaultsOf(IConfigurationSection endpoint) =>
    [
        .. FaultsOfKeys(endpoint, EndpointKeys),
        .. FaultsOfWord<ClientCertificateMode>(endpoint.GetSection("ClientCertificateMode")),
        .. FaultsOfWord<HttpProtocols>(endpoint.GetSection("Protocols")),
        .. endpoint.GetSection("SslProtocols").GetChildren().SelectMany(FaultsOfWord<SslProtocols>),
        .. FaultsOfCertificate(endpoint.GetSection("Certificate")),
    ];

    private static IEnumerable<string> FaultsOfCertificate(IConfigurationSection certificate)
    {
        var faults = FaultsOfKeys(certificate, CertificateKeys).ToList();
        foreach (var file in new[] { certificate.GetSection("Path"), certificate.GetSection("KeyPath") })
        {
            if (file.Value is { Length: > 0 } path && Path.IsPathRooted(path))
                SecretFile.TryRead(path, file.Path, faults);
        }

        return faults;
    }

    private static IEnumerable<string> FaultsOfKeys(IConfigurationSection section, string[] known) =>
        section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)).Select(child => $"{child.Path}: is not a known key.");

    private static IEnumerable<string> FaultsOfWord<TWord>(IConfigurationSection section)
        where TWord : struct, Enum =>
        section.Value is { } value && !Enum.GetNames<TWord>().Contains(value, StringComparer.OrdinalIgnoreCase)
            ? [$"{section.Path}: must be one of {string.Join(", ", Enum.GetNames<TWord>())}."]
            : [];
}
