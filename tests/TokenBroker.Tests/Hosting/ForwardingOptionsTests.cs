using TokenBroker.Hosting;

namespace TokenBroker.Tests.Hosting;

public sealed class ForwardingOptionsTests
{
    [Theory]
    [InlineData("10.0.7.5", true)]
    [InlineData("0.0.0.1", true)]
    [InlineData("2001:db8::5", true)]
    [InlineData("2001:0DB8:0:0:0:0:0:5", true)]
    [InlineData("::ffff:10.0.7.5", true)]
    [InlineData("::ffff:a00:705", true)]
    [InlineData("64:ff9b::10.0.7.5", true)]
    [InlineData("fe80::1%1", true)]
    [InlineData("010.0.0.1", false)]
    [InlineData("0177.0.0.1", false)]
    [InlineData("010.000.000.001", false)]
    [InlineData("10.0.0.01", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("0x7f000001", false)]
    [InlineData("2130706433", false)]
    [InlineData("127.1", false)]
    [InlineData("10.0.1", false)]
    [InlineData("1", false)]
    [InlineData(" 10.0.7.5", false)]
    [InlineData("10.0.7.5 ", false)]
    [InlineData("10.0.7.5:80", false)]
    [InlineData("::ffff:010.0.7.5", false)]
    [InlineData("[2001:db8::5]", false)]
    [InlineData("[2001:db8::5]:80", false)]
    [InlineData("proxy", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_proxy_is_an_address_that_means_what_it_says(string? proxy, bool isTaken) =>
        AssertTaken(
            new ForwardingOptions { KnownProxies = { proxy! } },
            isTaken,
            "ForwardedHeaders:KnownProxies:0: must be an IP address such as 10.0.7.5, without leading zeros.");

    [Theory]
    [InlineData("10.0.7.0/24", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("2001:db8::/48", true)]
    [InlineData("::ffff:10.0.7.0/120", true)]
    [InlineData("010.0.0.0/8", false)]
    [InlineData("0177.0.0.0/8", false)]
    [InlineData("127.0/8", false)]
    [InlineData("10/8", false)]
    [InlineData("10.000.7.0/24", false)]
    [InlineData("0xa.0.7.0/24", false)]
    [InlineData("[2001:db8::]/48", false)]
    [InlineData("10.0.7.0", false)]
    [InlineData(null, false)]
    public void A_network_must_be_written_in_its_usual_form(string? network, bool isTaken) =>
        AssertTaken(
            new ForwardingOptions { KnownNetworks = { network! } },
            isTaken,
            "ForwardedHeaders:KnownNetworks:0: must be a network such as 10.0.7.0/24, without leading zeros.");

    private static void AssertTaken(ForwardingOptions options, bool isTaken, string fault) =>
        Assert.Equal(isTaken ? [] : [fault], new ForwardingOptionsValidator().Validate(name: null, options).Failures ?? []);
}
