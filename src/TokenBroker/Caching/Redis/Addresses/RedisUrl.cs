using System.Globalization;
using System.Text;

namespace TokenBroker.Caching.Redis.Addresses;

/// <summary>
/// <c>redis://user:password@host:port/database?option=value</c>, or <c>rediss://</c> for TLS. Special characters in the user and password
/// are percent-encoded, so a password may contain any character. Sentinels are several hosts separated by commas.
/// </summary>
internal static class RedisUrl
{
    private const string Plain = "redis://";
    private const string Encrypted = "rediss://";
    private const string Encode =
        "in a user or password, percent-encode characters such as @ / ? # % and the comma (%40 %2F %3F %23 %25 %2C)";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool IsUrl(string text) =>
        text.StartsWith(Plain, StringComparison.OrdinalIgnoreCase) || text.StartsWith(Encrypted, StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses a URL. Throws a <see cref="FormatException"/> that quotes no part of it.</summary>
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
            throw new FormatException("is a URL with an @ in the wrong place; " + Encode);

        var options = new RedisOptionList(isUrl: true);
        options.Set("ssl", isEncrypted ? "true" : "false");
        if (at >= 0)
            AddCredentials(authority[..at], options);
        var servers = authority[(at + 1)..].Split(',').Select(RedisServerName.Parse).ToList();
        var query = tail.IndexOf('?', StringComparison.Ordinal);
        AddDatabase(query < 0 ? tail : tail[..query], options);
        if (query >= 0)
            AddQuery(tail[(query + 1)..], options);

        // A password with a colon and a comma looks like two servers if the host is missing.
        return servers.Count == 1 || options.ServiceName is not null
            ? (servers, options)
            : throw new FormatException("is a URL with several servers, which must be sentinels, but ?serviceName= is missing");
    }

    private static void AddCredentials(string text, RedisOptionList options)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new FormatException("is a URL with one word before the @, where user:password or :password is expected");
        if (colon > 0)
            options.Set("user", Decode(text[..colon]));
        options.Set("password", Decode(text[(colon + 1)..]));
    }

    private static void AddDatabase(string path, RedisOptionList options)
    {
        if (path.Length <= 1)
            return;
        if (!path.Skip(1).All(char.IsAsciiDigit))
            throw new FormatException("is a URL whose path is not a database number");
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

    // Uri.UnescapeDataString leaves what it cannot decode unchanged, which would be a different password.
    private static string Decode(string text)
    {
        var parts = text.Split('%');
        var bytes = new List<byte>(Encoding.UTF8.GetBytes(parts[0]));
        foreach (var part in parts.Skip(1))
        {
            if (part.Length < 2
                || !byte.TryParse(part.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
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
            // Reported below.
        }

        throw new FormatException("is a URL that encodes bytes that are not text");
    }
}
