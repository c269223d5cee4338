using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Hosting;

public sealed class SecurityHeaderTests
{
    [Theory]
    [InlineData("POST", "/orgs/octo-org/actions/runners/registration-token", "a token")]
    [InlineData("POST", "/orgs/octo-two/actions/runners/registration-token", "a refusal")]
    [InlineData("GET", "/nowhere", "no path of ours")]
    [InlineData("GET", "/livez", "a health page")]
    public async Task Every_answer_is_data_and_no_page(string method, string path, string what)
    {
        await using var broker = await TestBroker.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        using var response = await broker.Client.SendAsync(request);
        Assert.True(Header(response, "Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'", what);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        Assert.Equal("same-origin", Header(response, "Cross-Origin-Resource-Policy"));
    }

    [Theory]
    [InlineData("/swagger/index.html")]
    [InlineData("/swagger/index.js")]
    [InlineData("/swagger/v1/swagger.json")]
    public async Task The_page_may_run_its_own_scripts_and_be_in_nobodys_frame(string path)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.Client.GetAsync(path);
        var policy = Header(response, "Content-Security-Policy").Split(';', StringSplitOptions.TrimEntries);
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("script-src 'self'", policy);
        Assert.Contains("connect-src 'self'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
