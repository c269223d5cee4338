using TokenBroker.Sandbox.GitHub.Answers;
using TokenBroker.Sandbox.GitHub.Checks;
using TokenBroker.Sandbox.GitHub.Endpoints;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>
/// A private GitHub on loopback: the part of the API that runners need. It checks what GitHub checks and can be made to fail.
/// The same paths are served at the root and under <c>/api/v3</c>.
/// </summary>
public sealed class SandboxGitHub : IAsyncDisposable
{
    private readonly SandboxClock clock;
    private readonly SandboxCredentials credentials;
    private readonly HourlyQuota limits;
    private readonly IssuedTokens<SandboxInstallationToken> tokens = new();
    private readonly IssuedTokens<SandboxRunnerToken> runnerTokens = new();
    private readonly Secrets secrets = new();
    private readonly AppJwtCheck appJwtCheck;
    private readonly Holding holding;
    private readonly SandboxEdition edition = new();
    private readonly LoopbackServer server;

    private SandboxGitHub(SandboxGitHubOptions options)
    {
        clock = new SandboxClock(options.TimeProvider);
        credentials = new SandboxCredentials(options);
        appJwtCheck = new AppJwtCheck(credentials, clock);
        limits = new HourlyQuota(clock, options.RateLimit, edition);
        holding = new Holding(Requests, options.TimeProvider);
        edition.TokenShape = options.TokenShape;
        Accounts = new SandboxAccounts(options.TimeProvider);
        server = new LoopbackServer(options.Port, application => Configure(application, options), options.OnAllAddresses);
    }

    /// <summary>Where it listens, without <c>/api/v3</c>.</summary>
    public Uri Address => server.Address;

    /// <summary>The App's client id.</summary>
    public string ClientId => credentials.AppClientId;

    /// <summary>The App's numeric id.</summary>
    public long AppId => credentials.AppId;

    /// <summary>The App's present private key.</summary>
    public string AppPrivateKeyPem => credentials.AppKey;

    /// <summary>The token that enterprise endpoints take; another one may take its place at any time.</summary>
    public string EnterpriseToken
    {
        get => credentials.EnterpriseToken;
        set => credentials.EnterpriseToken = value;
    }

    /// <summary>What the App asks of those who install it.</summary>
    public IReadOnlyDictionary<string, string> AppPermissions
    {
        get => credentials.AppPermissions;
        set => credentials.AppPermissions = value;
    }

    /// <summary>The scopes of the enterprise token; without <c>manage_runners:enterprise</c> it is answered 404.</summary>
    public IReadOnlyList<string> EnterpriseTokenScopes
    {
        get => credentials.EnterpriseTokenScopes;
        set => credentials.EnterpriseTokenScopes = value;
    }

    /// <summary>When the enterprise token ends; null for never.</summary>
    public DateTimeOffset? EnterpriseTokenExpiresAt
    {
        get => credentials.EnterpriseTokenExpiresAt;
        set => credentials.EnterpriseTokenExpiresAt = value;
    }

    /// <summary>By how much this GitHub's clock is ahead: it moves <c>Date</c>, every expiry and the check of the App's JWT.</summary>
    public TimeSpan ClockOffset
    {
        get => clock.Offset;
        set => clock.Offset = value;
    }

    /// <summary>Requests per hour that a credential may send to a resource.</summary>
    public int RateLimit
    {
        get => limits.Limit;
        set => limits.Limit = value;
    }

    /// <summary>Requests of every credential in its hour that were sent elsewhere.</summary>
    public int RateLimitUsed
    {
        get => limits.UsedElsewhere;
        set => limits.UsedElsewhere = value;
    }

    /// <summary>
    /// Whether it behaves as GitHub Enterprise Server: it reports its version, has no rate limits and no deprecation dates of
    /// runners.
    /// </summary>
    public bool EnterpriseServer
    {
        get => edition.EnterpriseServer;
        set => edition.EnterpriseServer = value;
    }

    /// <summary>Whether runner applications come with a <c>temp_download_token</c>, a fresh one in each answer.</summary>
    public bool DownloadTokens
    {
        get => edition.DownloadTokens;
        set => edition.DownloadTokens = value;
    }

    /// <summary>
    /// The shape of the next installation tokens unless a request names one; GitHub Enterprise Server has opaque tokens only.
    /// </summary>
    public SandboxTokenShape TokenShape
    {
        get => edition.TokenShape;
        set => edition.TokenShape = value;
    }

    /// <summary>Its accounts and what belongs to them.</summary>
    public SandboxAccounts Accounts { get; }

    public SandboxRunners Runners => Accounts.Runners;

    /// <summary>Its active faults.</summary>
    public SandboxFaults Faults { get; } = new();

    /// <summary>The requests that it received.</summary>
    public SandboxRequestLog Requests { get; } = new();

    /// <summary>The installation tokens that it made, oldest first.</summary>
    public IReadOnlyList<SandboxInstallationToken> InstallationTokens => tokens.All;

    /// <summary>A registration or remove token that it made; null if it never made that one.</summary>
    public SandboxRunnerToken? FindRunnerToken(string token) => runnerTokens.Find(token);

    /// <summary>
    /// Every installation, clone, runner and download token and every just-in-time configuration that it issued: tests search for
    /// them where they must not appear.
    /// </summary>
    public IReadOnlyList<string> IssuedSecrets => secrets.Issued;

    public static async Task<SandboxGitHub> StartAsync(SandboxGitHubOptions? options = null, CancellationToken cancellationToken = default)
    {
        var github = new SandboxGitHub(options ?? new SandboxGitHubOptions());
        await github.server.StartAsync(cancellationToken);
        return github;
    }

    /// <summary>A new App key as PEM; it takes a moment, so tests make one and share it.</summary>
    public static string NewAppKey() => SandboxCredentials.NewKey();

    /// <summary>Replaces the App's key; JWTs by the former one are refused from now on unless it is kept.</summary>
    public void UseAppKey(string pem, bool keepFormer = false) => credentials.UseAppKey(pem, keepFormer);

    /// <summary>Stops listening: clients are refused until <see cref="RestartAsync"/>. What it knows and has made stays.</summary>
    public Task StopAsync()
    {
        holding.Stop();
        return server.StopAsync();
    }

    /// <summary>Listens again, on the same port.</summary>
    public Task RestartAsync(CancellationToken cancellationToken = default)
    {
        holding.Start();
        return server.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        holding.Dispose();
    }

    private void Configure(WebApplication application, SandboxGitHubOptions options)
    {
        var arrival = new Arrival(Requests, clock, tokens, credentials, holding, edition, options);
        var injection = new FaultInjection(Faults, Accounts, limits, holding, clock);

        application.UsePathBase("/api/v3");
        application.UseWhen(
            context => !context.Request.Path.StartsWithSegments(ControlEndpoints.Prefix, StringComparison.Ordinal),
            branch => branch.Use(arrival.InvokeAsync).Use(limits.InvokeAsync).Use(injection.InvokeAsync));
        application.UseRouting();
        Map(application, options);
    }

    private void Map(WebApplication application, SandboxGitHubOptions options)
    {
        var access = new ScopeAccess(Accounts, Faults, clock, credentials, options.RequireNarrowedTokens);
        var expiry = new TokenExpiry(Faults, clock);
        var shapes = new TokenShapes(secrets, credentials, edition);
        var mint = new InstallationTokenMint(tokens, shapes, secrets, expiry, clock, options.InstallationTokenLifetime);
        var registration = new RunnerTokenEndpoints(access, secrets, runnerTokens, expiry, options.TokenLifetime);
        var answer = new RunnerAnswer(Faults);
        var runners = new RunnerEndpoints(access, Runners, answer);
        var labels = new LabelEndpoints(access, Runners, answer);
        var releases = new ReleaseEndpoints(access, secrets, edition, answer);
        var jitConfigurations = new JitConfigurationEndpoint(access, Runners, secrets, Faults, answer);

        new AppEndpoints(appJwtCheck, credentials, Accounts, mint).Map(application);
        new UserEndpoints(access, Accounts).Map(application);
        new ControlEndpoints(Faults, Requests).Map(application);
        new SettingsEndpoint(this, clock).Map(application);
        foreach (var pattern in ScopePaths.Patterns)
        {
            var scope = application.MapGroup($"{pattern}/actions/runners");
            registration.Map(scope);
            runners.Map(scope);
            labels.Map(scope);
            releases.Map(scope);
            jitConfigurations.Map(scope);
        }

        application.MapFallback("{**path}", GitHubError.NotFoundAsync);
    }
}
