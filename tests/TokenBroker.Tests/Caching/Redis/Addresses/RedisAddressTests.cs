using System.Net;
using TokenBroker.Caching.Redis.Addresses;

namespace TokenBroker.Tests.Caching.Redis.Addresses;

public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("redis:6380", "redis:6380", false, null, null, 0)]
    [InlineData("redis.prod.svc.cluster.local.:6379", "redis.prod.svc.cluster.local.:6379", false, null, null, 0)]
    [InlineData("cache.example:6379,password=p,ssl=true,user=app,defaultDatabase=1", "cache.example:6379", true, "app", "p", 1)]
    [InlineData(" r1:6379 , r2:6380, Password = a=b== ,SSL=True ", "r1:6379, r2:6380", true, null, "a=b==", 0)]
    [InlineData("[::1]:6379", "[::1]:6379", false, null, null, 0)]
    [InlineData("[2001:db8::7]:6379,password=p", "[2001:db8::7]:6379", false, null, "p", 0)]
    [InlineData("10.0.0.7:6379,keepAlive=10,protocol=resp2,sslProtocols=tls12|tls13", "10.0.0.7:6379", false, null, null, 0)]
    [InlineData(
        "name.redis.cache.windows.net:6380,password=QUJD+/x=,ssl=True,abortConnect=False",
        "name.redis.cache.windows.net:6380",
        true,
        null,
        "QUJD+/x=",
        0)]
    [InlineData(
        "master.name.abc123.use1.cache.amazonaws.com:6379,ssl=true,user=app,password=p:q@r/s#t%u",
        "master.name.abc123.use1.cache.amazonaws.com:6379",
        true,
        "app",
        "p:q@r/s#t%u",
        0)]
    [InlineData("s1:26379,s2:26379,serviceName=mymaster,password=p", "s1:26379, s2:26379", false, null, "p", 0)]
    [InlineData("redis://s1?serviceName=mymaster", "s1:26379", false, null, null, 0)]
    [InlineData("redis://cache.example", "cache.example:6379", false, null, null, 0)]
    [InlineData("rediss://cache.example", "cache.example:6379", true, null, null, 0)]
    [InlineData("RediSS://cache.example:6390/", "cache.example:6390", true, null, null, 0)]
    [InlineData("redis://app:p%2C%3D%3A%40%2F%25%23%22%C3%A4@cache.example:6380/7", "cache.example:6380", false, "app", "p,=:@/%#\"ä", 7)]
    [InlineData("redis://:p,q:r=s+t@[::1]", "[::1]:6379", false, null, "p,q:r=s+t", 0)]
    [InlineData(
        "rediss://app:p@master.name.abc123.use1.cache.amazonaws.com:6379?protocol=resp2&sslHost=cache.example",
        "master.name.abc123.use1.cache.amazonaws.com:6379",
        true,
        "app",
        "p",
        0)]
    [InlineData("redis://:p@s1:26379,s2:26380/2?serviceName=mymaster", "s1:26379, s2:26380", false, null, "p", 2)]
    public void What_operators_have_is_read(string text, string servers, bool isEncrypted, string? user, string? password, int database)
    {
        var address = RedisAddress.Parse(text);
        var options = address.ToOptions(authorities: null);
        Assert.Equal((servers, isEncrypted), (address.Servers, address.IsEncrypted));
        Assert.Equal((isEncrypted, user, password, database), (options.Ssl, options.User, options.Password, options.DefaultDatabase ?? 0));
        Assert.Equal(text.Contains("mymaster", StringComparison.Ordinal) ? "mymaster" : null, address.ServiceName);
        Assert.Null(options.ServiceName);
    }

    [Theory]
    [InlineData("s1:1,serviceName=m,password=p", null, "p")]
    [InlineData("s1:1,serviceName=m,user=app,password=p", null, null)]
    [InlineData("s1:1,serviceName=m,user=app,password=p,sentinelPassword=s", null, "s")]
    [InlineData("s1:1,serviceName=m,password=p,sentinelUser=watch,sentinelPassword=s", "watch", "s")]
    [InlineData("redis://app:p@s1:1?serviceName=m&sentinelUser=watch&sentinelPassword=s%2Ct", "watch", "s,t")]
    [InlineData("s1:1,serviceName=m", null, null)]
    public void Sentinels_are_given_their_own_credentials_or_the_password_of_a_Redis_without_users(
        string text,
        string? user,
        string? password)
    {
        var options = Assert.Single(RedisAddress.Parse(text).ToSentinelOptions(authorities: null));
        Assert.Equal((user, password, new DnsEndPoint("s1", 1)), (options.User, options.Password, Assert.Single(options.EndPoints)));
    }

    [Fact]
    public void Every_documented_form_is_read()
    {
        var forms = Documentation.Read("docs/redis.md").Split('\n')
            .SkipWhile(line => !line.StartsWith("| Redis | in the form of StackExchange.Redis", StringComparison.Ordinal)).Skip(
                2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('`')).Select(parts => (List: RedisAddress.Parse(parts[1].Replace(
                "…",
                "p",
                StringComparison.Ordinal)), Url: RedisAddress.Parse(parts[3].Replace("…", "p", StringComparison.Ordinal)))).ToList();
        Assert.Equal(7, forms.Count);
        foreach (var (list, url) in forms)
        {
            var (one, other) = (list.ToOptions(authorities: null), url.ToOptions(authorities: null));
            Assert.Equal(
                (list.ServiceName, one.User, one.Password, one.DefaultDatabase),
                (url.ServiceName, other.User, other.Password, other.DefaultDatabase));
            Assert.Equal(list.ToString(), url.ToString());
        }
    }

    [Theory]
    [InlineData(
        "127.0.0.1:9990,password=Xy7,tail9",
        "has a part after its options that is not an option: servers come first, and write a password "
            + "with a comma as redis://:password@host:port, with %2C for the comma")]
    [InlineData("127.0.0.1:9990,password=Xy7,tail9:80", "has a part after its options")]
    [InlineData("127.0.0.1:9990,password=Xy7,tail9=1", "has an unknown option after a password")]
    [InlineData("127.0.0.1:9990,password=Xy7,", "has an empty part")]
    [InlineData("127.0.0.1:9990,password=,Xy7", "has password= without a value")]
    [InlineData("127.0.0.1:9990,password=Xy7,password=Xy8", "has password= twice")]
    [InlineData("127.0.0.1:9990,password:Xy7", "names a server where an option (name=value) is expected")]
    [InlineData("127.0.0.1:9990,password:123", "names a server where an option (name=value) is expected")]
    [InlineData("127.0.0.1:9990,password", "names a server where an option (name=value) is expected")]
    [InlineData("password=Xy7,127.0.0.1:9990", "must begin with a server")]
    [InlineData("r1:6379,redis://r2:6379", "a URL stands alone")]
    [InlineData("redis://r1:6379,redis://r2:6379", "names a server whose port is not a number")]
    [InlineData("http://redis:6379", "contains a URL that is not redis:// or rediss://")]
    [InlineData("redis+sentinel://s1:26379/mymaster", "contains a URL that is not redis:// or rediss://")]
    [InlineData("redis 6379", "names a server that is not written as host:port")]
    [InlineData("redis:6379;password=Xy7", "must begin with a server")]
    [InlineData("redis:6379 password=Xy7", "must begin with a server")]
    [InlineData("opensesame", "names a server without a port")]
    [InlineData("opensesame,ssl=true", "names a server without a port")]
    [InlineData("[2001:db8::7],password=p", "names a server without a port")]
    [InlineData("r1:6379,r2", "names a server without a port")]
    [InlineData("s1,s2:26379,serviceName=m", "names a server without a port")]
    [InlineData("r1:6379,r1:6379", "names a server twice")]
    [InlineData("redis:6379,ssl=true,r2:6379", "servers come first")]
    [InlineData("redis:0", "port is not a number from 1 to 65535")]
    [InlineData("redis:65536", "port is not a number from 1 to 65535")]
    [InlineData("redis:", "port is not a number from 1 to 65535")]
    [InlineData("redis:6379/1", "port is not a number from 1 to 65535")]
    [InlineData(":6379", "names a server without a host")]
    [InlineData("", "must begin with a server")]
    [InlineData(",redis:6379", "must begin with a server")]
    [InlineData("r1:6379,,r2:6379", "has an empty part")]
    [InlineData("::1", "names an IPv6 address without brackets")]
    [InlineData("[::1", "names a server that is not written as host:port")]
    [InlineData("[redis]:6379", "names a server that is not written as host:port")]
    [InlineData("6379", "names a server that is not written as host:port")]
    [InlineData("127.0.0:6379", "names a server that is not written as host:port")]
    [InlineData("\"redis:6379\"", "names a server that is not written as host:port")]
    [InlineData("redis:6379\nssl=true", "contains a line break")]
    [InlineData("app:Xy7@redis:6379", "contains an @ before a server")]
    [InlineData("hunter,name=Xy7@redis:6379", "has an invalid value for name=")]
    [InlineData("redis:6379,usr=app", "has an unknown option: usr=")]
    [InlineData("redis:6379,channelPrefix=a", "has an unknown option: channelPrefix=")]
    [InlineData("redis:6379,hunterSecret=", "has an unknown option, or")]
    [InlineData("redis:6379,Xy7=tail", "has an unknown option, or")]
    [InlineData("redis:6379,user=app", "has user= without password=")]
    [InlineData("redis:6379,ssl=perhaps", "has an invalid value for ssl=")]
    [InlineData("redis:6379,defaultDatabase=-1", "has an invalid value for defaultDatabase=")]
    [InlineData("redis:6379,protocol=9", "has an invalid value for protocol=")]
    [InlineData("s1:1,serviceName=my master", "has a serviceName= that is not a valid master name")]
    [InlineData("redis:6379,sentinelPassword=Xy7", "has sentinelPassword= without serviceName=")]
    [InlineData("s1:1,serviceName=m,sentinelUser=a", "has sentinelUser= without sentinelPassword=")]
    [InlineData("redis://", "names a server without a host")]
    [InlineData("redis://:Xy7@", "names a server without a host")]
    [InlineData("redis://Xy7@redis", "is a URL with one word before the @")]
    [InlineData("redis://app:@redis", "has password= without a value")]
    [InlineData("redis://app:Xy7", "port is not a number from 1 to 65535")]
    [InlineData("redis://app:1,tail:2", "is a URL with several servers, which must be sentinels")]
    [InlineData("redis://:Xy@7@redis", "is a URL with an @ in the wrong place")]
    [InlineData("redis://:123/Xy@redis", "is a URL with an @ in the wrong place")]
    [InlineData("redis://app:123?Xy@redis", "is a URL with an @ in the wrong place")]
    [InlineData("redis://:Xy#7@redis", "is a URL with a # in it")]
    [InlineData("redis://:Xy%7@redis", "is a URL with a % that encodes nothing")]
    [InlineData("redis://:Xy%ff@redis", "is a URL that encodes bytes that are not text")]
    [InlineData("redis://:Xy%0a@redis", "is a URL that encodes bytes that are not text")]
    [InlineData("redis://:Xy 7@redis", "is a URL with white space in it")]
    [InlineData("redis://redis/mydb", "is a URL whose path is not a database number")]
    [InlineData("redis://redis/0/1", "is a URL whose path is not a database number")]
    [InlineData("redis://redis/99999999999", "has an invalid value for defaultDatabase=")]
    [InlineData("redis://redis/1?defaultDatabase=2", "has defaultDatabase= twice")]
    [InlineData("redis://redis?ssl_cert_reqs=none", "has an unknown option: ssl_cert_reqs=")]
    [InlineData("redis://redis?password=Xy7", "is a URL with user, password or ssl in its query")]
    [InlineData("redis://redis?ssl=true", "is a URL with user, password or ssl in its query")]
    [InlineData("redis://redis?name=a%2Cpassword%3DXy7", "has an invalid value for name=")]
    [InlineData("redis://redis?name", "has a part after its options that is not an option")]
    public void What_cannot_be_meant_is_a_fault_that_quotes_no_value(string text, string fault)
    {
        var exception = Assert.Throws<FormatException>(() => RedisAddress.Parse(text));
        Assert.Contains(fault, exception.Message, StringComparison.Ordinal);
        Assert.Null(exception.InnerException);
        foreach (var secret in new[] { "Xy", "tail", "hunter", "123" })
            Assert.DoesNotContain(secret, exception.Message, StringComparison.OrdinalIgnoreCase);
    }
}
