using Microsoft.AspNetCore.Authentication;
using TokenBroker.Authentication;

namespace TokenBroker.Commands;

/// <summary>What the broker's own authentication says to a JWT, with no request around it.</summary>
/// <param name="Jwt">The JWT as it describes itself; null if the text is none.</param>
/// <param name="Issuer">The configured issuer that it claims to be of; null if none.</param>
/// <param name="Caller">Who it is; null if it was refused.</param>
/// <param name="Failure">Why it was refused; null if it was not.</param>
internal sealed record Verification(UnverifiedJwt? Jwt, CallerIssuer? Issuer, Caller? Caller, Exception? Failure)
{
    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(10);

    /// <summary>Reads the JWT and believes it.</summary>
    public static Verification Skip(IServiceProvider broker, string text) => Read(broker, Request(broker, text));

    /// <summary>Lets the handlers that serve decide, with the issuer's keys from where they are.</summary>
    public static async Task<Verification> RunAsync(IServiceProvider broker, string text, CancellationToken cancellationToken)
    {
        await using var services = broker.CreateAsyncScope();
        var request = Request(services.ServiceProvider, text);
        var read = Read(broker, request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = read.Issuer?.Keys.KeepAsync(stop.Token) ?? Task.CompletedTask;
        try
        {
            // Well or badly, or not in time: the handler takes what is there by then.
            if (read.Issuer is { } issuer)
                await Task.WhenAny(issuer.Keys.FirstRead, Task.Delay(LongestFetch, TimeProvider.System, stop.Token));
            cancellationToken.ThrowIfCancellationRequested();
            var result = await request.AuthenticateAsync(CallerSchemes.Default);
            return read with { Caller = result.Succeeded ? Caller.Of(request) : null, Failure = result.Failure };
        }
        finally
        {
            await stop.CancelAsync();
            await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Verification Read(IServiceProvider broker, HttpContext request)
    {
        var jwt = PresentedToken.Of(request).Jwt;
        return new Verification(jwt, broker.GetRequiredService<IssuerDirectory>().Find(jwt), Caller: null, Failure: null);
    }

    private static DefaultHttpContext Request(IServiceProvider services, string text)
    {
        var request = new DefaultHttpContext { RequestServices = services };
        request.Request.Headers.Authorization = "Bearer " + text;
        return request;
    }
}
