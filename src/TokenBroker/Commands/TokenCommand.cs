using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using TokenBroker.Configuration;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.Commands;

/// <summary>Takes a real token as a caller does and says that it got one, never which: the whole way from JWT to GitHub in one line.</summary>
internal sealed class TokenCommand : Command
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly CommandOption Url = new("--url", "URL", "Where the broker is.", IsRequired: true);
    private static readonly CommandOption ScopeName = new("--scope", "SCOPE", "orgs/ORG, repos/OWNER/REPO or enterprises/ENTERPRISE.", IsRequired: true);
    private static readonly CommandOption TokenFile = new("--token-file", "FILE", "Holds the caller's JWT.", IsRequired: true);
    private static readonly CommandOption OperationName = new("--operation", "OPERATION", "registration-token (the default) or remove-token.");
    private static readonly CommandOption CaFile = new("--ca-file", "FILE", "PEM of the authorities to trust for the broker in place of the system's.");
    private static readonly CommandOption Wait = new("--wait", "SECONDS", "How long to try again while the broker is unreachable or answers 503. Default 30.");

    public override string Name => "token";

    public override string Summary => "Takes a token from a broker with a JWT and prints when it expires, never the token.";

    public override IReadOnlyList<CommandOption> Options => [Url, ScopeName, TokenFile, OperationName, CaFile, Wait];

    public override async Task<int> RunAsync(CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var address = AddressOf(arguments);
        var patience = PatienceOf(arguments);
        try
        {
            using var client = new HttpClient(Handler(arguments)) { Timeout = LongestRequest };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SecretFile.ReadOnce(arguments.Get(TokenFile)));
            var answer = await AskAsync(client, address, patience, cancellationToken);
            await (answer.IsToken ? output : errors).WriteLineAsync($"{address}: {answer.Words}");
            return answer.IsToken ? 0 : 1;
        }
        catch (FormatException)
        {
            // What a parser says of a bad JWT may quote it.
            await errors.WriteLineAsync($"{TokenFile.Name}: the file holds no JWT.");
        }
        catch (UnusableContentException exception)
        {
            await errors.WriteLineAsync($"{CaFile.Name}: the file {exception.Message}");
        }
        catch (Exception exception) when (SecretFile.IsUnreadable(exception))
        {
            await errors.WriteLineAsync($"{TokenFile.Name}: {SecretFile.Explain(arguments.Get(TokenFile), exception)}");
        }

        return 1;
    }

    private static Uri AddressOf(CommandArguments arguments)
    {
        if (!WebAddress.TryParse(arguments.Get(Url).TrimEnd('/') + "/", out var broker))
            throw new CommandFaultException($"{Url.Name} must be an address such as https://broker.example.");
        if (!Scope.TryParse(arguments.Get(ScopeName), out var scope))
            throw new CommandFaultException($"{ScopeName.Name} must be orgs/ORG, repos/OWNER/REPO or enterprises/ENTERPRISE.");
        var name = arguments.Find(OperationName) ?? OperationNames.NameOf(Operation.RegistrationToken);
        if (!OperationNames.TryParse(name, out var operation) || operation is not (Operation.RegistrationToken or Operation.RemoveToken))
            throw new CommandFaultException($"{OperationName.Name} must be registration-token or remove-token.");
        return new Uri(broker, $"{scope.Path}/actions/runners/{name}");
    }

    private static TimeSpan PatienceOf(CommandArguments arguments)
    {
        if (arguments.Find(Wait) is not { } text)
            return TimeSpan.FromSeconds(30);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new CommandFaultException($"{Wait.Name} must be whole seconds, 0 to 3600.");
    }

    private static SocketsHttpHandler Handler(CommandArguments arguments)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (CertificateAuthorities.Trust(arguments.Find(CaFile)) is { } trust)
            handler.SslOptions = trust;
        return handler;
    }

    private static async Task<Answer> AskAsync(HttpClient client, Uri address, TimeSpan patience, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (true)
        {
            var answer = await AskOnceAsync(client, address, cancellationToken);
            if (!answer.MayPass || clock.GetElapsedTime(started) + Pause > patience)
                return answer;
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private static async Task<Answer> AskOnceAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostAsync(address, content: null, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            var status = (int)response.StatusCode;
            if (response.StatusCode != HttpStatusCode.Created)
                return new Answer(IsToken: false, response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{status} {Member(body, "message")} ({Member(body, "type")})");
            return Member(body, "token") is { Length: > 0 }
                ? new Answer(IsToken: true, MayPass: false, $"a token that expires at {Member(body, "expires_at")}")
                : new Answer(IsToken: false, MayPass: false, $"{status} without a token");
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Answer(IsToken: false, MayPass: true, HttpFault.Describe(exception, address, CaFile.Name));
        }
    }

    private static string? Member(string json, string name)
    {
        try
        {
            return JsonElement.Parse(json) is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var member) ? member.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Answer(bool IsToken, bool MayPass, string Words);
}
