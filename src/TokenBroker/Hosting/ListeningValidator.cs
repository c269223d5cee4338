using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>
/// Finds addresses at which Kestrel would not start, and settings that it would silently ignore, such as a misspelled client certificate
/// mode.
/// </summary>
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
        var faults = ListeningAddresses.Given(configuration)
            .Select(given => FaultOf(given.Url) is { } fault ? $"{given.Key}: '{Written(given)}' {fault}" : null)
            .OfType<string>()
            .ToList();
        var kestrel = configuration.GetSection("Kestrel");
        faults.AddRange(FaultsOfKeys(kestrel, Keys));
        foreach (var endpoint in kestrel.GetSection("Endpoints").GetChildren().Append(kestrel.GetSection(Defaults)))
        {
            if (endpoint["Url"] is "" || (endpoint["Url"] is null && endpoint.Key != Defaults))
                faults.Add($"{endpoint.Path}:Url: is missing. Write it as http://*:8080.");
            if (endpoint["Url"]?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) is true)
            {
                faults.AddRange(HttpsKeys
                    .Where(key => endpoint.GetSection(key).Exists())
                    .Select(key => $"{endpoint.Path}:{key}: is for https, but Url is http."));
            }

            faults.AddRange(FaultsOf(endpoint));
            faults.AddRange(endpoint.GetSection("Sni").GetChildren().SelectMany(FaultsOf));
        }

        faults.AddRange(kestrel.GetSection("Certificates").GetChildren().SelectMany(FaultsOfCertificate));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // A port was turned into an address of this machine.
    private static string Written((string Key, string Url) given)
    {
        const string Host = "://localhost:";
        var isPort = given.Key.EndsWith("_PORTS", StringComparison.Ordinal);
        return isPort ? given.Url[(given.Url.LastIndexOf(Host, StringComparison.Ordinal) + Host.Length)..] : given.Url;
    }

    private static string? FaultOf(string url)
    {
        if (!ListeningAddresses.TryParse(url, out var binding)
            || ListeningAddresses.HoldsSeveral(binding)
            || (binding.Scheme != Uri.UriSchemeHttp && binding.Scheme != Uri.UriSchemeHttps)
            || (!binding.IsUnixPipe && !binding.IsNamedPipe && binding.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort))
        {
            return "is not an address to listen on. Write it as http://*:8080, and separate several with ';'.";
        }

        return binding.PathBase.Length > 0
            ? $"has a path, but the broker serves the root of its address. Leave out '{binding.PathBase}', and let a proxy strip it."
            : null;
    }

    // Kestrel ignores unknown words.
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
        {
            faults.Add(
                $"{certificate.Path}: is not a certificate with its key. A PEM file needs KeyPath, and Password if the key is encrypted; "
                    + "a .pfx file needs its Password.");
        }

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

    // Relative to the program, as Kestrel reads it.
    private static string Full(string path) => Path.Combine(AppContext.BaseDirectory, path);

    private static IEnumerable<string> FaultsOfKeys(IConfigurationSection section, string[] known) =>
        section.GetChildren()
            .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path}: is not a known key.");

    private static IEnumerable<string> FaultsOfWord<TWord>(IConfigurationSection section)
        where TWord : struct, Enum =>
        section.Value is { } value && !Enum.GetNames<TWord>().Contains(value, StringComparer.OrdinalIgnoreCase)
            ? [$"{section.Path}: must be one of {string.Join(", ", Enum.GetNames<TWord>())}."]
            : [];
}

internal static class ListeningWarnings
{
    /// <summary>Addresses with a host name, for which the broker listens on every address.</summary>
    public static IEnumerable<ConfigurationWarning> Find(IConfiguration configuration) =>
        from given in ListeningAddresses.Given(configuration)
        where ListeningAddresses.TryParse(given.Url, out var binding) && !ListeningAddresses.HoldsSeveral(binding) && IsName(binding)
        select new ConfigurationWarning(
            given.Key,
            $"'{given.Url}' names a host, which is not resolved: the broker listens on "
                + $"every address. Write * for the host, or an IP address");

    private static bool IsName(BindingAddress binding) =>
        !binding.IsUnixPipe && !binding.IsNamedPipe && binding.Host is not ("*" or "+")
        && !binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(binding.Host, out _);
}
