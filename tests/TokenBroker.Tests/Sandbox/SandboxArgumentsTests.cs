using TokenBroker.Sandbox;

namespace TokenBroker.Tests.Sandbox;

public sealed class SandboxArgumentsTests
{
    [Fact]
    public void Flags_and_values_may_stand_in_any_order()
    {
        Assert.True(SandboxArguments.TryParse(
            [
                "--all-addresses",
                "--issuer-url",
                "http://sandbox:8082",
                "--without-broker",
                "--secrets",
                "/secrets",
                "--github-port",
                "9081",
            ],
            out var parsed));
        Assert.Equal(
            new SandboxArguments
            {
                OnAllAddresses = true,
                IssuerUrl = "http://sandbox:8082",
                Replicas = 0,
                SecretsFolder = "/secrets",
                GitHubPort = 9081,
            },
            parsed);
        Assert.Empty(parsed.BrokerPorts);
    }

    [Fact]
    public void Further_brokers_follow_the_issuer()
    {
        Assert.True(SandboxArguments.TryParse(["--replicas", "3", "--issuer-port", "9000"], out var parsed));
        Assert.Equal([8080, 9001, 9002], parsed.BrokerPorts);
    }

    [Theory]
    [InlineData("--unknown")]
    [InlineData("--redis")]
    [InlineData("--replicas", "0")]
    [InlineData("--replicas", "10")]
    [InlineData("--issuer-url", "sandbox")]
    [InlineData("--without-broker", "true")]
    [InlineData("--secrets-only")]
    public void Anything_else_is_refused(params string[] arguments) => Assert.False(SandboxArguments.TryParse(arguments, out _));

    [Fact]
    public void Secrets_are_made_once_and_for_their_owner_alone()
    {
        using var files = new TemporaryFolder();
        var secrets = new SandboxSecrets(Path.GetDirectoryName(files.PathOf("x"))!);
        secrets.MakeAll();
        string[] names = ["app.pem", "enterprise-token", "redis-password", "redis", "encryption-keys"];
        var first = names.Select(name => File.ReadAllText(files.PathOf(name))).ToList();
        secrets.MakeAll();
        Assert.Equal(first, names.Select(name => File.ReadAllText(files.PathOf(name))));
        Assert.Equal("redis:6379,password=" + first[2], first[3]);
        Assert.Equal(32, Convert.FromBase64String(first[4]).Length);
        Assert.All(
            names,
            name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(files.PathOf(name)).UnixFileMode));
    }
}
