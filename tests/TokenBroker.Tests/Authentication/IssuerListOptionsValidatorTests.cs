using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using TokenBroker.Authentication;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Authentication;

/// <summary>Every fault of the issuers is found at start and told with its key.</summary>
public sealed class IssuerListOptionsValidatorTests : IDisposable
{
    private const string Authority = "\"Authority\":\"https://a.example\"";
    private const string Audience = "\"Audiences\":[\"broker\"]";
    private const string Good = Authority + "," + Audience;
    private readonly TemporaryFolder files = new();

    public static TheoryData<string, string, string> Faults => new()
    {
        { "no section", "{}", "Authentication:Issuers: at least one issuer" },
        { "no issuer", Issuers(""), "Authentication:Issuers: at least one issuer" },
        { "no audience", Issuer(Authority), "Authentication:Issuers:a:Audiences: at least one audience" },
        { "audiences empty", Issuer(Authority + ",\"Audiences\":[]"), "Authentication:Issuers:a:Audiences: at least one audience" },
        { "an audience empty", Issuer(Authority + ",\"Audiences\":[\"broker\",\" \"]"),
            "Authentication:Issuers:a:Audiences:1: must not be empty" },
        { "no source", Issuer("\"Issuer\":\"https://a.example\"," + Audience),
            "Authentication:Issuers:a: exactly one of Authority, JwksUri and JwksPath" },
        { "two sources", Issuer(Good + ",\"JwksUri\":\"https://a.example/keys\""), "Authentication:Issuers:a: exactly one of" },
        { "two sources, one a file", Issuer(Good + ",\"JwksPath\":\"FOLDER/good.json\""), "Authentication:Issuers:a: exactly one of" },
        { "no name for keys by address", Issuer("\"JwksUri\":\"https://a.example/keys\"," + Audience),
            "Authentication:Issuers:a:Issuer: is required" },
        { "no name for keys by file", Issuer("\"JwksPath\":\"FOLDER/good.json\"," + Audience),
            "Authentication:Issuers:a:Issuer: is required" },
        { "plain http", Issuer("\"Authority\":\"http://a.example\"," + Audience), "Authentication:Issuers:a:Authority: must be https" },
        { "plain http on loopback", Issuer("\"Authority\":\"http://127.0.0.1:1\"," + Audience),
            "Authentication:Issuers:a:Authority: must be https" },
        { "plain http of keys", Issuer("\"Issuer\":\"a\",\"JwksUri\":\"http://a.example/keys\"," + Audience),
            "Authentication:Issuers:a:JwksUri: must be https" },
        { "no address", Issuer("\"Authority\":\"a.example\"," + Audience),
            "Authentication:Issuers:a:Authority: must be an http or https address" },
        { "another scheme", Issuer("\"Authority\":\"file:///etc\"," + Audience),
            "Authentication:Issuers:a:Authority: must be an http or https address" },
        { "a password in the address", Issuer("\"Authority\":\"https://u:p@a.example\"," + Audience),
            "Authentication:Issuers:a:Authority: must be an http or https address" },
        { "an authority with a line end", Issuer("\"Authority\":\"https://a.example\\n\"," + Audience),
            "Authentication:Issuers:a:Authority: has leading or trailing white space. Remove it." },
        { "an authority after a blank", Issuer("\"Authority\":\" https://a.example\"," + Audience),
            "Authentication:Issuers:a:Authority: has leading or trailing white space" },
        { "keys before a blank", Issuer("\"Issuer\":\"a\",\"JwksUri\":\"https://a.example/keys \"," + Audience),
            "Authentication:Issuers:a:JwksUri: has leading or trailing white space" },
        { "an issuer before a tab", Issuer(
            Good + ",\"Issuer\":\"a\\t\""), "Authentication:Issuers:a:Issuer: has leading or trailing white space" },
        { "an audience before a blank", Issuer(Authority + ",\"Audiences\":[\"a\",\"b \"]"),
            "Authentication:Issuers:a:Audiences:1: has leading or trailing white space" },
        { "discovery's own address", Issuer("\"Authority\":\"https://a.example/r/.well-known/openid-configuration\"," + Audience),
            "Authentication:Issuers:a:Authority: is the address of the discovery document, "
            + "whose path the broker appends itself. Write 'https://a.example/r'." },
        { "discovery's own address and a slash",
            Issuer("\"Authority\":\"https://a.example/.well-known/openid-configuration/\"," + Audience),
            "Authentication:Issuers:a:Authority: is the address of the discovery document,"
            + " whose path the broker appends itself. Write 'https://a.example'." },
    };

    public static TheoryData<string, string, string> FileAndValueFaults => new()
    {
        { "file missing", KeyFile("missing.json"), "Authentication:Issuers:a:JwksPath: the file 'FOLDER/missing.json' is missing" },
        { "file empty", KeyFile("empty.json"), "Authentication:Issuers:a:JwksPath: the file 'FOLDER/empty.json' is empty" },
        { "file too large", KeyFile("large.json"), "Authentication:Issuers:a:JwksPath: the file 'FOLDER/large.json' is too large" },
        { "file no JSON", KeyFile("text.json"),
            "Authentication:Issuers:a:JwksPath: the file 'FOLDER/text.json' is not a JSON Web Key Set" },
        { "file without keys", KeyFile("none.json"),
            "Authentication:Issuers:a:JwksPath: the file 'FOLDER/none.json' holds no asymmetric signing key" },
        { "file with a secret", KeyFile("symmetric.json"),
            "Authentication:Issuers:a:JwksPath: the file 'FOLDER/symmetric.json' holds no asymmetric signing key" },
        { "file with a short key", KeyFile("short.json"),
            "Authentication:Issuers:a:JwksPath: the file 'FOLDER/short.json' holds no asymmetric signing key" },
        { "file with a broken key", KeyFile("broken.json"), "Authentication:Issuers:a:JwksPath: the file 'FOLDER/broken.json' " },
        { "file with a list", KeyFile("list.json"),
            "Authentication:Issuers:a:JwksPath: the file 'FOLDER/list.json' is not a JSON Web Key Set" },
        { "bad pointer", Issuer(Good + ",\"CallerId\":[\"sub\",\"/a~2b\"]"),
            "Authentication:Issuers:a:CallerId:1: must be a JSON Pointer" },
        { "empty pointer", Issuer(Good + ",\"CallerId\":[\"\"]"), "Authentication:Issuers:a:CallerId:0: must be a JSON Pointer" },
        { "no age", Issuer(Good + ",\"MaximumTokenAge\":\"00:00:00\""),
            "Authentication:Issuers:a:MaximumTokenAge: must be longer than zero" },
        { "negative age", Issuer(Good + ",\"MaximumTokenAge\":\"-00:01:00\""),
            "Authentication:Issuers:a:MaximumTokenAge: must be longer than zero" },
        { "CA file missing", Issuer(Good + ",\"CaCertificatePath\":\"FOLDER/missing.pem\""),
            "Authentication:Issuers:a:CaCertificatePath: the file 'FOLDER/missing.pem' is missing" },
        { "CA file without certificate", Issuer(Good + ",\"CaCertificatePath\":\"FOLDER/text.json\""),
            "Authentication:Issuers:a:CaCertificatePath: the file 'FOLDER/text.json' holds no certificate" },
        { "token file missing", Issuer(Good + ",\"BackchannelTokenPath\":\"FOLDER/missing\""),
            "Authentication:Issuers:a:BackchannelTokenPath: the file 'FOLDER/missing' is missing" },
        { "iss and audience shared", Issuers($"\"a\":{{{Good}}},\"b\":{{{Good}}}"),
            "Authentication:Issuers:b:Audiences: 'broker' is also an audience of another entry" },
        { "shared but for a slash", Issuers($"\"a\":{{{Good}}},\"b\":{{\"Authority\":\"https://a.example/\",{Audience}}}"),
            "Authentication:Issuers:b:Audiences: 'broker' is also" },
        {
            "shared by Issuer and Authority",
            Issuers($"\"a\":{{{Good}}},\"b\":{{\"Issuer\":\"https://a.example\","
                + $"\"JwksUri\":\"https://b.example/keys\",\"Audiences\":[\"other\",\"broker\"]}}"),
            "Authentication:Issuers:b:Audiences: 'broker' is also"
        },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    [MemberData(nameof(FileAndValueFaults))]
    public void A_fault_is_reported_once_with_its_key(string what, string section, string expected)
    {
        WriteFiles();
        var fault = Assert.Single(Validate(section));
        Assert.True(fault.StartsWith(InFolder(expected), StringComparison.Ordinal), $"{what}: {fault}");
        Assert.DoesNotContain("c2VjcmV0", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("discovery", "\"a\":{" + Good + "}")]
    [InlineData("an issuer beside its authority", "\"a\":{\"Issuer\":\"https://sts.example/\"," + Good + "}")]
    [InlineData("keys by address", "\"a\":{\"Issuer\":\"https://a.example\",\"JwksUri\":\"https://b.example/keys\"," + Audience + "}")]
    [InlineData("keys by file", "\"a\":{\"Issuer\":\"https://a.example\",\"JwksPath\":\"FOLDER/good.json\"," + Audience + "}")]
    [InlineData("http where it is allowed", "\"a\":{\"Authority\":\"http://a.example\",\"RequireHttpsMetadata\":false," + Audience + "}")]
    [InlineData("pointers", "\"a\":{\"CallerId\":[\"sub\",\"/google/compute_engine/instance_id\"]," + Good + "}")]
    [InlineData("one audience twice", "\"a\":{\"Audiences\":[\"broker\",\"broker\"]," + Authority + "}")]
    [InlineData("an iss shared with other audiences", "\"a\":{" + Good + "},\"b\":{\"Audiences\":[\"Broker\"]," + Authority + "}")]
    public void What_is_in_order_is_taken(string what, string issuers)
    {
        WriteFiles();
        Assert.True(Validate(Issuers(issuers)) is [], what);
    }

    [Fact]
    public void All_faults_are_reported_at_once() => Assert.Equal(4, Validate(Issuers(
        "\"a\":{\"Authority\":\"http://a.example\"},\"b\":{\"CallerId\":[\"/~\"],\"MaximumTokenAge\":\"00:00:00\"," + Good + "}")).Count);

    public void Dispose() => files.Dispose();

    private static string Issuers(string issuers) => $"{{\"Issuers\":{{{issuers}}}}}";

    private static string Issuer(string settings) => Issuers($"\"a\":{{{settings}}}");

    private static string KeyFile(string name) => Issuer($"\"Issuer\":\"https://a.example\",\"JwksPath\":\"FOLDER/{name}\",{Audience}");

    private string InFolder(string text) => text.Replace("FOLDER", files.PathOf("").TrimEnd('/'), StringComparison.Ordinal);

    private IReadOnlyList<string> Validate(string section)
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes($"{{\"Authentication\":{InFolder(section)}}}"));
        var configuration = new ConfigurationBuilder().AddJsonStream(json).Build();
        var options = StrictOptions.Read<IssuerListOptions>(configuration, IssuerListOptions.Section);
        return [.. new IssuerListOptionsValidator().Validate(name: null, options).Failures ?? []];
    }

    private void WriteFiles()
    {
        using var signer = new RawJwtSigner();
        files.Write("good.json", signer.KeySet);
        files.Write("empty.json", " \n");
        files.Write("large.json", signer.KeySet + new string(' ', 300 * 1024));
        files.Write("text.json", "text");
        files.Write("list.json", "[]");
        files.Write("none.json", """{"keys":[]}""");
        files.Write("symmetric.json", """{"keys":[{"kty":"oct","alg":"HS256","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}""");
        files.Write("broken.json", """{"keys":[{"kty":"RSA","n":"***c2VjcmV0","e":"AQAB"}]}""");
        files.Write("short.json", ShortKey());
    }

    private static string ShortKey()
    {
        using var rsa = RSA.Create(1024);
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject { ["kty"] = "RSA", ["n"] = Convert.ToBase64String(key.Modulus!), ["e"] = "AQAB" }),
        }.ToJsonString();
    }
}
