using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Hosting;

public sealed class StartTests
{
    [Fact]
    public async Task Without_a_configuration_the_broker_does_not_start_and_says_what_it_needs()
    {
        await using var broker = BrokerProcess.Start();
        Assert.Equal(1, await broker.ExitCodeAsync());
        Assert.Contains("Authentication:Issuers: ", broker.Output, StringComparison.Ordinal);
        Assert.Contains("Authorization:Policies: ", broker.Output, StringComparison.Ordinal);
        Assert.Contains("GitHub:App: ", broker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", broker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_is_listed_with_its_key()
    {
        using var files = new TemporaryFolder();
        var path = files.Write("broker.json", """
            {
              // comments are allowed
              "GitHub": { "ApiUrl": "http://github.example", "App": { "ClientId": "x", "PrivateKeyPath": "/missing/app.pem" },
                "MaxConcurrentRequests": "many", "Unknown": 1 },
              "Authentication": { "Issuers": { "a": { "Authority": "http://issuer.example" },
                "google": { "Authority": "https://accounts.google.com", "Audiences": [ "b" ] } } },
              "Authorization": { "Policies": {
                "p": { "Issuer": "nobody", "Scopes": [ "users/x" ], "Operations": [ "jitconfig", "everything" ] },
                "open": { "Issuer": "google", "Claims": [ { "Claim": "sub", "Matches": [ "*" ] } ], "Scopes": [ "orgs/a" ],
                  "Operations": [ "remove-token" ] } } },
              "TokenCache": { "MinimumRemainingLifetime": "00:00:10", "EncryptionKeys": [ "c2hvcnQ=" ], "MaxEntries": 99, "Generation": 0 },
              "ConnectionStrings": { "Redis": "redis:6379,password=hunter2,unknown=1", "Reddis": "x" },
              "ForwardedHeaders": { "KnownProxies": [ "proxy" ], "KnownNetworks": [ "10.0.0.0/40", "0.0.0.0/0", "::/0" ],
                "ForwardLimit": 0 },
              "RateLimit": { "RequestsPerMinute": -1, "Burst": 0 },
              "Overload": { "MaxConcurrentRequests": 0 },
              "MetricsPage": { "Port": 65536, "Address": "localhost", "Path": "/metrics" },
              "Shutdown": { "Delay": "soon" },
            }
            """);
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", path), ("Authorization__Policies__p__Typo", "x"));
        Assert.Equal(1, await broker.ExitCodeAsync());
        foreach (var key in new[]
        {
            "GitHub:ApiUrl", "GitHub:App:PrivateKeyPath", "GitHub:MaxConcurrentRequests", "GitHub:Unknown",
            "Authentication:Issuers:a:Authority", "Authentication:Issuers:a:Audiences",
            "Authorization:Policies:p:Issuer", "Authorization:Policies:p:Claims", "Authorization:Policies:p:Scopes:0",
            "Authorization:Policies:p:Runners:Names",
            "Authorization:Policies:p:Operations:1", "Authorization:Policies:p:Typo", "Authorization:Policies:open:Claims",
            "TokenCache:MinimumRemainingLifetime", "TokenCache:EncryptionKeys:0", "TokenCache:MaxEntries", "TokenCache:Generation",
            "Overload:MaxConcurrentRequests", "ConnectionStrings:Redis", "ConnectionStrings:Reddis",
            "ForwardedHeaders:KnownProxies:0", "ForwardedHeaders:KnownNetworks:0", "ForwardedHeaders:KnownNetworks:1",
            "ForwardedHeaders:KnownNetworks:2", "ForwardedHeaders:ForwardLimit", "RateLimit:RequestsPerMinute", "RateLimit:Burst",
            "MetricsPage:Port", "MetricsPage:Address", "MetricsPage:Path", "Shutdown:Delay",
        })
        {
            Assert.Contains("\n  " + key + ": ", broker.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("   at ", broker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", broker.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("{ \"GitHub\": ", "is not JSON")]
    [InlineData("[]", "is not JSON")]
    [InlineData(
        "{ \"GitHub\": { \"ApiUrl\": \"a\", \"apiurl\": \"b\" } }",
        "has the key 'GitHub:apiurl' twice. Keep one; keys are not case sensitive.")]
    [InlineData(
        "{ \"Authorization\": { \"Policies\": { \"a\": { \"Scopes\": [ { \"b\": 1, \"B\": 2 } ] } } } }",
        "has the key 'Authorization:Policies:a:Scopes:0:B' twice. Keep one")]
    [InlineData(
        "{ \"GitHub\": { \"ApiUrl\": \"a\" }, /* again */ \"GitHub\": { \"ApiUrl\": \"b\" }, }",
        "has the key 'GitHub' twice. Keep one")]
    public async Task A_configuration_file_that_cannot_be_read_is_named(string? content, string fault)
    {
        using var files = new TemporaryFolder();
        var path = content is null ? files.PathOf("none.json") : files.Write("broker.json", content);
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", path));
        Assert.Equal(1, await broker.ExitCodeAsync());
        Assert.Contains($"TOKENBROKER_CONFIG: the file '{path}' {fault}", broker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_in_place_of_a_file_is_reported_as_a_missing_mount()
    {
        const string Told = "is a directory, which Docker creates if the file of a bind mount is missing: put the file there on the host.";
        using var files = new TemporaryFolder();
        var path = Directory.CreateDirectory(files.PathOf("mounted")).FullName;
        await using (var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", path)))
        {
            Assert.Equal(1, await broker.ExitCodeAsync());
            Assert.Contains($"  TOKENBROKER_CONFIG: the file '{path}' {Told}", broker.Output, StringComparison.Ordinal);
        }

        await using (var broker = BrokerProcess.Start(
            ("GitHub__App__ClientId", "x"),
            ("GitHub__App__PrivateKeyPath", path),
            ("GitHub__CaCertificatePath", path)))
        {
            Assert.Equal(1, await broker.ExitCodeAsync());
            Assert.Contains($"  GitHub:App:PrivateKeyPath: the file '{path}' {Told}", broker.Output, StringComparison.Ordinal);
            Assert.Contains($"  GitHub:CaCertificatePath: the file '{path}' {Told}", broker.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(
        "http://127.0.0.1:8080/broker",
        "ASPNETCORE_URLS: 'http://127.0.0.1:8080/broker' has a path, but the broker serves the root of its address. Leave out '/broker'")]
    [InlineData(
        "http://*:8080;127.0.0.1:9000",
        "ASPNETCORE_URLS: '127.0.0.1:9000' is not an address to listen on. Write it as http://*:8080, and separate several with ';'.")]
    [InlineData(
        "ftp://*:8080",
        "ASPNETCORE_URLS: 'ftp://*:8080' is not an address to listen on. Write it as http://*:8080, and separate several with ';'.")]
    [InlineData(
        "http://192.0.2.1:8080",
        "ASPNETCORE_URLS or Kestrel:Endpoints: this machine does not have the address. "
            + "Use http://*:8080 to listen on all of its addresses.")]
    public async Task An_address_that_cannot_be_listened_on_is_a_fault_like_any_other(string urls, string fault)
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", Write(files, gitHub, issuer)), ("ASPNETCORE_URLS", urls));
        Assert.Equal(1, await broker.ExitCodeAsync());
        Assert.Contains("\n  " + fault, broker.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", broker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_certificate_is_a_fault_like_any_other()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = BrokerProcess.Start(
            ("TOKENBROKER_CONFIG", Write(files, gitHub, issuer)),
            ("Kestrel__Endpoints__Https__Url", "https://127.0.0.1:0"),
            ("Kestrel__Endpoints__Https__Certificate__Path", files.Write("tls.crt", "no certificate")));
        Assert.Equal(1, await broker.ExitCodeAsync());
        Assert.Contains(
            "\n  Kestrel:Endpoints:Https:Certificate: is not a certificate with its key. A PEM file needs KeyPath",
            broker.Output.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", broker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_listens_by_a_hosts_name_is_warned_of_and_healthy()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        var port = FreePort.Next();
        var urls = string.Create(CultureInfo.InvariantCulture, $"http://token-broker:{port}");
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", Write(files, gitHub, issuer)), ("ASPNETCORE_URLS", urls));
        await broker.AddressAsync();
        Assert.Contains(
            $"ASPNETCORE_URLS: '{urls}' names a host, which is not resolved: the broker listens on every address.",
            broker.Output,
            StringComparison.Ordinal);

        var healthCheck = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TokenBroker.dll"), "healthcheck"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        healthCheck.Environment["ASPNETCORE_URLS"] = urls;
        using var process = Process.Start(healthCheck)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.Equal("", await process.StandardError.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task A_port_in_use_is_a_fault_like_any_other()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = BrokerProcess.Start(
            ("TOKENBROKER_CONFIG", Write(files, gitHub, issuer)), ("ASPNETCORE_URLS", gitHub.Address.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(1, await broker.ExitCodeAsync());
        Assert.Contains("ASPNETCORE_URLS or Kestrel:Endpoints: ", broker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("BackgroundService", broker.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_comes_over_the_file()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = BrokerProcess.Start(
            ("TOKENBROKER_CONFIG", Write(files, gitHub, issuer)),
            ("Authentication__Issuers__sandbox__Audiences__0", "from-the-environment"));
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        await WaitUntilReadyAsync(client);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(client, issuer.Sign()));
        Assert.Equal(HttpStatusCode.Created, await PostAsync(client, issuer.Sign(new { aud = "from-the-environment" })));
    }

    [Fact]
    public async Task A_stopping_broker_says_so_serves_on_and_cuts_off_no_request()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", Write(files, gitHub, issuer)), ("Shutdown__Delay", "00:00:02"));
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        await WaitUntilReadyAsync(client);

        gitHub.Faults.Add(SandboxFaultNames.Slow, times: 1, path: "registration-token", seconds: 4);
        var running = PostAsync(client, issuer.Sign());
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await gitHub.Requests.WaitUntilAsync(requests => requests.Held > 0, deadline.Token);
        await broker.TerminateAsync();

        while ((await client.GetAsync("/readyz", deadline.Token)).StatusCode != HttpStatusCode.ServiceUnavailable)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        using var live = await client.GetAsync("/livez", deadline.Token);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.True(live.Headers.ConnectionClose, "a kept connection must go elsewhere before it is closed under a request");
        Assert.Equal(HttpStatusCode.Created, await PostAsync(client, issuer.Sign(), "/orgs/octo-org/actions/runners/remove-token"));
        Assert.Equal(HttpStatusCode.Created, await running);
        Assert.Equal(0, await broker.ExitCodeAsync());
    }

    [Fact]
    public async Task A_SIGHUP_ends_no_request_and_rereads_the_files_at_once()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        var path = Write(files, gitHub, issuer);
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", path), ("Shutdown__Delay", "00:00:01"));
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        await WaitUntilReadyAsync(client);

        gitHub.Faults.Add(SandboxFaultNames.Slow, times: 1, path: "registration-token", seconds: 2);
        var running = PostAsync(client, issuer.Sign());
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await gitHub.Requests.WaitUntilAsync(requests => requests.Held > 0, deadline.Token);
        for (var times = 0; times < 3; times++)
            await broker.HangUpAsync();
        Assert.Equal(HttpStatusCode.Created, await running);

        // Ten versions, one a hangup: polled every five seconds alone they would take most of a minute, which the deadline does not give.
        const string Told = "The configuration file changed: ";
        for (var version = 1; version <= 10; version++)
        {
            var configuration = JsonNode.Parse(await File.ReadAllTextAsync(path, deadline.Token))!;
            configuration["Authorization"]!["Policies"]![string.Create(
                CultureInfo.InvariantCulture,
                $"added-{version}")] = configuration["Authorization"]!["Policies"]!.AsObject().First().Value!.DeepClone();
            files.Write("broker.json", configuration.ToJsonString());
            await broker.HangUpAsync();
            while (broker.Output.Split(Told).Length - 1 < version)
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, deadline.Token);
        }

        await broker.TerminateAsync();
        await broker.HangUpAsync();
        Assert.Equal(0, await broker.ExitCodeAsync());
    }

    private static string Write(TemporaryFolder files, SandboxGitHub gitHub, SandboxIssuer issuer)
    {
        JsonObject configuration = SandboxConfiguration.Create(
            gitHub.Address,
            gitHub.ClientId,
            files.Write("app.pem", gitHub.AppPrivateKeyPem),
            files.Write("enterprise-token", gitHub.EnterpriseToken),
            issuer.Address);
        return files.Write("broker.json", configuration.ToString());
    }

    private static async Task<HttpStatusCode> PostAsync(
        HttpClient client,
        string jwt,
        string path = "/orgs/octo-org/actions/runners/registration-token")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Authorization = new("Bearer", jwt);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task WaitUntilReadyAsync(HttpClient client)
    {
        for (var tries = 0; tries < 3000; tries++)
        {
            using var response = await client.GetAsync("/readyz");
            if (response.IsSuccessStatusCode)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        throw new TimeoutException("The broker did not get ready.");
    }
}
