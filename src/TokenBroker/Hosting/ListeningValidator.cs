using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>Finds the addresses at which Kestrel would not start, and what it would leave out without a word: a client's certificate, if its mode is misspelt.</summary>
// See https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
internal sealed class ListeningValidator(IConfiguration configuration) : IValidateOptions<KestrelServerOptions>
{
    private const string Defaults = "EndpointDefaults";
    private static readonly string[] Keys = ["Endpoints", Defaults, "Certificates"];
    private static readonly string[] EndpointKeys = ["Url", "Protocols", "SslProtocols", "ClientCertificateMode", "Certificate", "Sni"];
    private static readonly string[] HttpsKeys = ["SslProtocols", "ClientCertificateMode", "Certificate", "Sni"];
    private static readonly string[] CertificateKeys = ["Path", "KeyPath", "Password", "Subject", "Store", "Location", "AllowInvalid"];

    public ValidateOptionsResult Validate(string? name, KestrelServerOptions options)
    {
        var faults = ListeningAddresses.Given(configuration).Select(given => FaultOf(given.Url) is { } fault ? $"{given.Key}: '{Written(given)}' {fault}" : null).OfType<string>().ToList();
        var kestrel = configuration.GetSection("Kestrel");
        faults.AddRange(FaultsOfKeys(kestrel, Keys));
        foreach (var endpoint in kestrel.GetSection("Endpoints").GetChildren().Append(kestrel.GetSection(Defaults)))
        {
            if (endpoint["Url"] is "" || (endpoint["Url"] is null && endpoint.Key != Defaults))
                faults.Add($"{endpoint.Path}:Url: is missing. Write it as http://*:8080.");
            if (endpoint["Url"]?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) is true)
                faults.AddRange(HttpsKeys.Where(key => endpoint.GetSection(key).Exists()).Select(key => $"{endpoint.Path}:{key}: is for https, and Url is http."));
            faults.AddRange(FaultsOf(endpoint));
            faults.AddRange(endpoint.GetSection("Sni").GetChildren().SelectMany(FaultsOf));
        }

        faults.AddRange(kestrel.GetSection("Certificates").GetChildren().SelectMany(FaultsOfCertificate));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // A port is read as an address of this machine.
    private static string Written((string Key, string Url) given) =>
        given.Key.EndsWith("_PORTS", StringComparison.Ordinal) ? given.Url[(given.Url.LastIndexOf("://localhost:", StringComparison.Ordinal) + "://localhost:".Length)..] : given.Url;

    private static string? FaultOf(string url)
    {
        if (!ListeningAddresses.TryParse(url, out var binding) || ListeningAddresses.HoldsSeveral(binding) || (binding.Scheme != Uri.UriSchemeHttp && binding.Scheme != Uri.UriSchemeHttps)
            || (!binding.IsUnixPipe && !binding.IsNamedPipe && binding.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort))
        {
            return "is no address to listen on. Write it as http://*:8080, and several with ';' between them.";
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

    private static List<string> FaultsOfCertificate(IConfigurationSection certificate)
    {
        var faults = FaultsOfKeys(certificate, CertificateKeys).ToList();
        foreach (var file in new[] { certificate.GetSection("Path"), certificate.GetSection("KeyPath") })
        {
            if (file.Value is { Length: > 0 } path)
                SecretFile.TryRead(Full(path), file.Path, faults);
        }

        if (faults.Count == 0 && certificate["Path"] is { Length: > 0 } && !IsUsable(certificate))
            faults.Add($"{certificate.Path}: is no certificate with its key. A PEM file needs KeyPath, and Password where the key is encrypted; a .pfx file needs its Password.");
        return faults;
    }

    private static bool IsUsable(IConfigurationSection certificate)
    {
        var (path, keyPath, password) = (Full(certificate["Path"]!), certificate["KeyPath"], certificate["Password"]);
        try
        {
            using var loaded = (keyPath, password) switch
            {
                (null or "", _) => X509CertificateLoader.LoadPkcs12FromFile(path, password),
                (_, null or "") => X509Certificate2.CreateFromPemFile(path, Full(keyPath)),
                _ => X509Certificate2.CreateFromEncryptedPemFile(path, password, Full(keyPath)),
            };
            return loaded.HasPrivateKey;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    // As Kestrel reads it: beside the program.
    private static string Full(string path) => Path.Combine(AppContext.BaseDirectory, path);

    private static IEnumerable<string> FaultsOfKeys(IConfigurationSection section, string[] known) =>
        section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)).Select(child => $"{child.Path}: is not a known key.");

    private static IEnumerable<string> FaultsOfWord<TWord>(IConfigurationSection section)
        where TWord : struct, Enum =>
        section.Value is { } value && !Enum.GetNames<TWord>().Contains(value, StringComparer.OrdinalIgnoreCase)
            ? [$"{section.Path}: must be one of {string.Join(", ", Enum.GetNames<TWord>())}."]
            : [];
}
