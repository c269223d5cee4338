using System.Globalization;
using TokenBroker.Authentication;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>Checks that each issuer's keys can be read.</summary>
internal sealed class IssuerCheck(IssuerDirectory issuers, TimeProvider clock) : DoctorCheck
{
    private const int Concurrency = 8;
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(10);

    private readonly CallTimeout timeout = new(clock, LongestCall);

    public override string Subject => "issuers";

    public override async Task RunAsync(CheckResults results, CancellationToken cancellation)
    {
        var all = issuers.All.Select(issuer => (Issuer: issuer, Results: new CheckResults())).ToList();
        try
        {
            await Parallel.ForEachAsync(
                all,
                new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation },
                async (one, stopping) => await CheckAsync(one.Results, one.Issuer, stopping));
        }
        finally
        {
            all.ForEach(one => results.AddRange(one.Results));
        }
    }

    private async Task CheckAsync(CheckResults results, CallerIssuer issuer, CancellationToken cancellation)
    {
        var subject = $"issuer '{issuer.Name}'";
        if (issuer.Options.JwksPath is { Length: > 0 } path)
        {
            ReportKeys(results, subject, issuer.Keys.Current!, $"the file {path}");
            return;
        }

        var address = issuer.Options.JwksUri ?? issuer.Options.Authority!;
        using var fetcher = new KeyFetcher(issuer.Options, clock);
        try
        {
            ReportKeys(results, subject, await timeout.RunAsync(fetcher.FetchAsync, cancellation), address);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            var fault = Explain(exception, fetcher.Address, $"Authentication:Issuers:{issuer.Name}");
            results.Fault(subject, $"its keys cannot be fetched from {address}: {fault.Text}", fault.Advice);
        }
    }

    private static void ReportKeys(CheckResults results, string subject, KeySnapshot keys, string source)
    {
        var count = keys.Set.Keys.Count;
        results.Ok(subject, string.Create(
            CultureInfo.InvariantCulture, $"{count} usable {(count == 1 ? "key" : "keys")} of {keys.Issuer} from {source}"));
    }

    private static ConnectionFault Explain(Exception exception, Uri address, string section) => exception switch
    {
        WrongIssuerException => new(
            exception.Message,
            "Write the Authority exactly as the issuer writes itself. If the JWTs carry another iss than the Authority, "
                + $"set {section}:Issuer to it."),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } =>
            ConnectionFault.FromException(exception, address, $"{section}:CaCertificatePath"),
        HttpRequestException { StatusCode: { } status } when (int)status is 401 or 403 => new(
            exception.Message,
            $"It requires authentication: set {section}:BackchannelTokenPath, for example for a Kubernetes API server. That token is "
                + "sent only to the Authority's own origin or to a JwksUri, never to another address in the discovery document."),
        HttpRequestException { StatusCode: not null } => new(
            exception.Message, $"Check the address: /.well-known/openid-configuration must be below {section}:Authority."),
        FormatException => new(
            exception.Message, $"Check the address in {section}, and that the issuer publishes EC keys or RSA keys of at least 2048 bits."),
        _ when SecretFile.IsUnreadable(exception) && exception is not IOException { InnerException: not null } => new(
            exception.Message, $"Check the files that {section} names."),
        _ => ConnectionFault.FromException(exception, address, $"{section}:CaCertificatePath"),
    };
}
