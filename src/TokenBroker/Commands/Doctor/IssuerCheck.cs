using System.Globalization;
using TokenBroker.Authentication;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>Whether each issuer's keys can be had.</summary>
internal sealed class IssuerCheck(IssuerDirectory issuers, TimeProvider clock) : DoctorCheck
{
    private const int AtOnce = 8;
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(10);

    private readonly CallTimeout timeout = new(clock, LongestQuestion);

    public override string Subject => "issuers";

    public override async Task RunAsync(CheckResults results, CancellationToken cancellation)
    {
        var all = issuers.All.Select(issuer => (Issuer: issuer, Results: new CheckResults())).ToList();
        try
        {
            await Parallel.ForEachAsync(
                all,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
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
            Tell(results, subject, issuer.Keys.Current!, $"the file {path}");
            return;
        }

        var address = issuer.Options.JwksUri ?? issuer.Options.Authority!;
        using var fetcher = new KeyFetcher(issuer.Options, clock);
        try
        {
            Tell(results, subject, await timeout.RunAsync(fetcher.FetchAsync, cancellation), address);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            var fault = Explain(exception, fetcher.Address, $"Authentication:Issuers:{issuer.Name}");
            results.Fault(subject, $"its keys cannot be had from {address}: {fault.Text}", fault.Advice);
        }
    }

    private static void Tell(CheckResults results, string subject, KeySnapshot keys, string source) =>
        results.Ok(subject, string.Create(CultureInfo.InvariantCulture, $"{keys.Set.Keys.Count} usable {(keys.Set.Keys.Count == 1 ? "key" : "keys")} of {keys.Issuer} from {source}"));

    private static ConnectionFault Explain(Exception exception, Uri address, string section) => exception switch
    {
        WrongIssuerException => new(exception.Message, $"Write the Authority as the issuer writes itself; where the JWTs do carry another iss than the Authority, set {section}:Issuer to it."),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => ConnectionFault.Of(exception, address, $"{section}:CaCertificatePath"),
        HttpRequestException { StatusCode: { } status } => new(
            exception.Message,
            (int)status is 401 or 403 ? $"It wants to know who asks: {section}:BackchannelTokenPath, as a Kubernetes API server does. That token is shown to the Authority's own origin or to a JwksUri, and to no other address that discovery names." : $"Check the address: {section}:Authority is what /.well-known/openid-configuration stands below."),
        FormatException => new(exception.Message, $"Check the address in {section}, and that the issuer publishes RSA keys of 2048 bits or EC keys."),
        _ when SecretFile.IsUnreadable(exception) && exception is not IOException { InnerException: not null } => new(exception.Message, $"Check the files that {section} names."),
        _ => ConnectionFault.Of(exception, address, $"{section}:CaCertificatePath"),
    };
}
