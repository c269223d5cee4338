using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TokenBroker.Tests.Authentication;

/// <summary>How a JWT is shown: the schemes that real clients use, and what is none of them.</summary>
public sealed class PresentationTests(ForgeryFixture fixture) : IClassFixture<ForgeryFixture>
{
    [Theory]
    [InlineData("Bearer {0}", "most clients")]
    [InlineData("bearer {0}", "octokit.js")]
    [InlineData("BEARER {0}", "any letter case")]
    [InlineData("token {0}", "gh and shell scripts")]
    [InlineData("Token {0}", "Octokit.net")]
    [InlineData("tOKEN {0}", "any letter case")]
    [InlineData("Bearer   {0}", "more than one space")]
    public async Task A_jwt_is_accepted_under_every_scheme(string form, string client)
    {
        using var response = await SendAsync(form.Replace("{0}", fixture.Issuer.Sign(), StringComparison.Ordinal));
        Assert.True(response.StatusCode == HttpStatusCode.Created, client);
    }

    [Theory]
    [InlineData("Basic", "github", "the runner's own calls")]
    [InlineData("basic", "x-access-token", "git's habit")]
    [InlineData("BASIC", "", "no name at all")]
    [InlineData("bAsIc", "ü", "a name that is not ASCII")]
    public async Task A_jwt_is_accepted_as_the_password_of_any_name(string scheme, string name, string client)
    {
        using var response = await SendAsync($"{scheme} {Base64($"{name}:{fixture.Issuer.Sign()}")}");
        Assert.True(response.StatusCode == HttpStatusCode.Created, client);
    }

    [Theory]
    [InlineData("/orgs/octo-org/actions/runners/registration-token")]
    [InlineData("/api/v3/orgs/octo-org/actions/runners/registration-token")]
    [InlineData("/no/such/path")]
    [InlineData("/api/v3/no/such/path")]
    public async Task Every_path_needs_a_jwt(string path)
    {
        using var response = await fixture.Broker.PostJwtAsync(jwt: null, path);
        await AuthenticationAssertions.IsRefusalAsync(response, AuthenticationAssertions.Missing);
    }

    public static TheoryData<string, string, string> Nonsense => new()
    {
        { "empty", "", AuthenticationAssertions.Missing },
        { "a scheme alone", "Bearer", AuthenticationAssertions.Missing },
        { "a scheme and spaces", "Bearer    ", AuthenticationAssertions.Missing },
        { "another scheme", "Digest {jwt}", AuthenticationAssertions.Missing },
        { "no scheme", "{jwt}", AuthenticationAssertions.Missing },
        { "a scheme twice", "Bearer Bearer {jwt}", AuthenticationAssertions.NotValid },
        { "two in one header", "Bearer {jwt}, Bearer {jwt}", AuthenticationAssertions.Missing },
        { "quoted", "Bearer \"{jwt}\"", AuthenticationAssertions.NotValid },
        { "Basic that is not base64", "Basic {jwt}", AuthenticationAssertions.Missing },
        { "Basic alone", "Basic", AuthenticationAssertions.Missing },
        { "Basic without a colon", "Basic " + Base64("github"), AuthenticationAssertions.Missing },
        { "Basic without a password", "Basic " + Base64("github:"), AuthenticationAssertions.NotValid },
        { "Basic whose password is no JWT", "Basic " + Base64("github:password"), AuthenticationAssertions.NotValid },
        { "Basic that is no UTF-8", "Basic " + Convert.ToBase64String([0xff, 0x3a, 0xfe]), AuthenticationAssertions.NotValid },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Anything_else_is_refused(string what, string form, string detail)
    {
        Assert.NotEmpty(what);
        using var response = await SendAsync(form.Replace("{jwt}", fixture.Issuer.Sign(), StringComparison.Ordinal));
        await AuthenticationAssertions.IsRefusalAsync(response, detail);
    }

    [Fact]
    public async Task A_jwt_with_a_line_end_is_not_accepted()
    {
        using var response = await SendAsync("Basic " + Base64("github:" + fixture.Issuer.Sign().Insert(8, "\n")));
        await AuthenticationAssertions.IsRefusalAsync(response, AuthenticationAssertions.NotValid);
    }

    [Fact]
    public async Task The_jwt_as_the_name_of_Basic_is_refused()
    {
        using var response = await SendAsync("Basic " + Base64(fixture.Issuer.Sign() + ":x-oauth-basic"));
        await AuthenticationAssertions.IsRefusalAsync(response, AuthenticationAssertions.NotValid);
    }

    [Fact]
    public async Task Two_headers_are_refused_even_if_both_are_good()
    {
        var jwt = fixture.Issuer.Sign();
        var answer = await SendRawAsync($"Authorization: Bearer {jwt}\r\nAuthorization: Bearer {jwt}\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate: Bearer error=\"invalid_token\"", answer, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 201 ", await SendRawAsync($"Authorization: Bearer {jwt}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jwt_in_the_query_or_the_body_does_not_count()
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Post, AuthenticationAssertions.Path + "?access_token=" + fixture.Issuer.Sign())
            {
                Content = new FormUrlEncodedContent([new("access_token", fixture.Issuer.Sign())]),
            };
        using var response = await fixture.Broker.Client.SendAsync(request);
        await AuthenticationAssertions.IsRefusalAsync(response, AuthenticationAssertions.Missing);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task<HttpResponseMessage> SendAsync(string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, AuthenticationAssertions.Path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await fixture.Broker.Client.SendAsync(request);
    }

    // HttpClient joins two headers of one name into one.
    private async Task<string> SendRawAsync(string headers)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(fixture.Broker.Address.Host, fixture.Broker.Address.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {AuthenticationAssertions.Path} HTTP/1.1\r\nHost: broker\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
