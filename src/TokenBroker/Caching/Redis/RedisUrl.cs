using System.Globalization;
using System.Text;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// <c>redis://user:password@host:port/database?option=value</c>, or <c>rediss://</c> for TLS. What is not plain in a user and a password is
/// percent-encoded, so a password may hold anything; sentinels are several hosts with commas between them.
/// </summary>
internal static class RedisUrl
{
    private const string Plain = "redis://";
    private const string Encrypted = "rediss://";
    private const string Encode = "in a user or a password, characters such as @ / ? # % and the comma are percent-encoded (%40 %2F %3F %23 %25 %2C)";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool IsOne(string text) => text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase) || text.StartsWith(Encrypted, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one; throws <see cref="FormatException"/>, which does not quote it.</summary>
    public static (IReadOnlyList<RedisServerName> Servers, RedisOptionList Options) Parse(string text)
    {
        if (text.Any(char.IsWhiteSpace))
            throw new FormatException("is a URL with white space in it");
        if (text.Contains('#', StringComparison.Ordinal))
            throw new FormatException("is a URL with a # in it; " + Encode);
        var isEncrypted = text.StartsWith(Encrypted, StringComparison.OrdinalIgnoreCase);
        var rest = text[(isEncrypted ? Encrypted : Plain).Length..];
        var end = rest.IndexOfAny(['/', '?']);
        var authority = end < 0 ? rest : rest[..end];
        var tail = end < 0 ? "" : rest[end..];
        var at = authority.IndexOf('@', StringComparison.Ordinal);
        if (authority.LastIndexOf('@') != at || tail.Contains('@', StringComparison.Ordinal))
            throw new FormatException("is a URL with an @ where none can be; " + Encode);

        var options = new RedisOptionList(isUrl: true);
        options.Set("ssl", isEncrypted ? "true" : "false");
        if (at >= 0)
            AddCredentials(authority[..at], options);
        var servers = authority[(at + 1)..].Split(',').Select(RedisServerName.Parse).ToList();
        var query = tail.IndexOf('?', StringComparison.Ordinal);
        AddDatabase(query < 0 ? tail : tail[..query], options);
        if (query >= 0)
            AddQuery(tail[(query + 1)..], options);

        // A colon and a comma in a password whose host was forgotten look like two servers.
        return servers.Count == 1 || options.ServiceName is not null
            ? (servers, options)
            : throw new FormatException("is a URL with several servers, which must be sentinels: ?serviceName= is missing");
    }

    private static void AddCredentials(string text, RedisOptionList options)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new FormatException("is a URL with one word before the @, where user:password or :password stands");
        if (colon > 0)
            options.Set("user", Decode(text[..colon]));
        options.Set("password", Decode(text[(colon + 1)..]));
    }

    private static void AddDatabase(string path, RedisOptionList options)
    {
        if (path.Length <= 1)
            return;
        if (!path.Skip(1).All(char.IsAsciiDigit))
            throw new FormatException("is a URL whose path is not the number of a database");
        options.Set("defaultDatabase", path[1..]);
    }

    private static void AddQuery(string query, RedisOptionList options)
    {
        foreach (var part in query.Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            options.Add(equals < 0 ? part : part[..equals] + "=" + Decode(part[(equals + 1)..]));
        }
    }

    // Uri.UnescapeDataString leaves alone what it cannot decode: a password that is not the one that is meant.
    private static string Decode(string text)
    {
        var parts = text.Split('%');
        var bytes = new List<byte>(Encoding.UTF8.GetBytes(parts[0]));
        foreach (var part in parts.Skip(1))
        {
            if (part.Length < 2 || !byte.TryParse(part.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                throw new FormatException("is a URL with a % that encodes nothing; " + Encode);
            bytes.Add(value);
            bytes.AddRange(Encoding.UTF8.GetBytes(part[2..]));
        }

        try
        {
            var decoded = Strict.GetString([.. bytes]);
            if (!decoded.Any(char.IsControl))
                return decoded;
        }
        catch (DecoderFallbackException)
        {
            // Told below.
        }

        throw new FormatException("is a URL that encodes what is no text");
    }
}
