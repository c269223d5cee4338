using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using TokenBroker.Configuration;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.Commands;

/// <summary>
/// Requests a real token as a caller would, which tests the whole path from JWT to GitHub. It prints when the token expires, never the
/// token.
/// </summary>
internal sealed class TokenCommand : Command
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly CommandOption Url = new("--url", "URL", "The broker's address.", IsRequired: true);

    private static readonly CommandOption ScopeName = new(
        "--scope", "SCOPE", "orgs/ORG, repos/OWNER/REPO or enterprises/ENTERPRISE.", IsRequired: true);

    private static readonly CommandOption TokenFile = new(
        "--token-file", "FILE", "The file that contains the caller's JWT.", IsRequired: true);

    private static readonly CommandOption OperationName = new(
        "--operation", "OPERATION", "registration-token (the default) or remove-token.");

    private static readonly CommandOption CaFile = new(
        "--ca-file", "FILE", "A PEM file of the authorities to trust for the broker instead of the system's.");

    private static readonly CommandOption Wait = new(
        "--wait", "SECONDS", "How long to retry while the broker is unreachable or answers 503. Default 30.");

    public override string Name => "token";

    public override string Summary => "Requests a token from a broker with a JWT and prints when it expires, never the token.";

    public override IReadOnlyList<CommandOption> Options => [Url, ScopeName, TokenFile, OperationName, CaFile, Wait];

    public override async Task<int> RunAsync(
        CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var address = ReadAddress(arguments);
        var longest = ReadWait(arguments);
        try
        {
            using var client = new HttpClient(CreateHandler(arguments)) { Timeout = LongestRequest };
            var jwt = SecretFile.ReadOnce(arguments.Get(TokenFile));
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", jwt);
            var answer = await RequestAsync(client, address, longest, cancellationToken);
            await (answer.IsToken ? output : errors).WriteLineAsync($"{address}: {answer.Text}");
            return answer.IsToken ? 0 : 1;
        }
        catch (FormatException)
        {
            // The parser's message may quote the JWT.
            await errors.WriteLineAsync($"{TokenFile.Name}: the file does not contain a JWT.");
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

    private static Uri ReadAddress(CommandArguments arguments)
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

    private static TimeSpan ReadWait(CommandArguments arguments)
    {
        if (arguments.Find(Wait) is not { } text)
            return TimeSpan.FromSeconds(30);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new CommandFaultException($"{Wait.Name} must be whole seconds, 0 to 3600.");
    }

    private static SocketsHttpHandler CreateHandler(CommandArguments arguments)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        if (CertificateAuthorities.Trust(arguments.Find(CaFile)) is { } trust)
            handler.SslOptions = trust;
        return handler;
    }

    private static async Task<Answer> RequestAsync(HttpClient client, Uri address, TimeSpan longest, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (true)
        {
            var answer = await RequestOnceAsync(client, address, cancellationToken);
            if (!answer.IsTemporary || clock.GetElapsedTime(started) + Pause > longest)
                return answer;
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private static async Task<Answer> RequestOnceAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.PostAsync(address, content: null, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            var status = (int)response.StatusCode;
            if (response.StatusCode != HttpStatusCode.Created)
            {
                var isTemporary = response.StatusCode == HttpStatusCode.ServiceUnavailable;
                return new Answer(IsToken: false, isTemporary, $"{status} {ReadMember(body, "message")} ({ReadMember(body, "type")})");
            }

            return ReadMember(body, "token") is { Length: > 0 }
                ? new Answer(IsToken: true, IsTemporary: false, $"a token that expires at {ReadMember(body, "expires_at")}")
                : new Answer(IsToken: false, IsTemporary: false, $"{status} without a token");
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Answer(IsToken: false, IsTemporary: true, HttpFault.Describe(exception, address, CaFile.Name));
        }
    }

    private static string? ReadMember(string json, string name)
    {
        try
        {
            var body = JsonElement.Parse(json);
            return body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var member) ? member.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Answer(bool IsToken, bool IsTemporary, string Text);
}
