using Microsoft.Extensions.Configuration;
using TokenBroker.Commands;

namespace TokenBroker.Tests.Commands;

public sealed class HealthCheckCommandTests
{
    [Fact]
    public async Task A_broker_that_serves_is_healthy_and_one_that_is_gone_is_not()
    {
        Uri address;
        await using (var broker = await TestBroker.StartAsync())
        {
            address = new Uri(broker.Address, "/livez");
            Assert.Equal((0, "", ""), await CommandLineTests.RunAsync("healthcheck", "--url", address.ToString()));
            var (code, _, errors) = await CommandLineTests.RunAsync("healthcheck", "--url", new Uri(broker.Address, "/nothing").ToString());
            Assert.Equal(1, code);
            Assert.Contains("answers 401", errors, StringComparison.Ordinal);
        }

        var gone = await CommandLineTests.RunAsync("healthcheck", "--url", address.ToString());
        Assert.Equal(1, gone.Code);
        Assert.Contains("does not answer", gone.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5000/")]
    [InlineData("http://localhost:8080/", "http_ports=8080")]
    [InlineData("http://localhost:8081/", "http_ports=8081;8082")]
    [InlineData("https://localhost:8443/", "https_ports=8443")]
    [InlineData("http://localhost:8080/", "http_ports=8080", "https_ports=8443")]
    [InlineData("http://localhost:9000/", "urls=http://*:9000", "http_ports=8080")]
    [InlineData("http://localhost:9000/", "urls=https://+:9443;http://0.0.0.0:9000")]
    [InlineData("http://localhost:9000/", "urls=http://[::]:9000")]
    [InlineData("http://10.0.0.7:9000/", "urls=http://10.0.0.7:9000")]
    [InlineData("http://localhost:8080/", "urls=http://token-broker:8080")]
    [InlineData("http://localhost:8080/", "urls=http://broker.example:8080")]
    [InlineData("http://[fd00::7]:8080/", "urls=http://[fd00::7]:8080")]
    [InlineData("http://localhost:8080/", "urls=http://LOCALHOST:8080")]
    [InlineData("http://localhost:8080/", "urls=http://unix:/run/broker.sock", "http_ports=8080")]
    [InlineData("https://localhost:8443/", "Kestrel:Endpoints:Https:Url=https://*:8443", "urls=http://*:9000")]
    [InlineData("http://localhost:8080/", "Kestrel:Endpoints:Https:Url=https://*:8443", "Kestrel:Endpoints:Http:Url=http://*:8080")]
    public void It_asks_where_the_broker_listens(string address, params string[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                settings.Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
            .Build();
        Assert.Equal(address, OwnAddress.Find(configuration).ToString());
    }
}
